"""LeNet for MNIST in Keras: what the lessons share."""
