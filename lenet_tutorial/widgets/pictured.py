"""A widget with a picture that stands in where no script runs."""

import base64
from typing import Any

import anywidget

from lenet_tutorial import figures


class PicturedWidget(anywidget.AnyWidget):
    """A widget that shows a static picture on pages without scripts, such as GitHub's."""

    def static_picture(self) -> figures.Picture:
        """Draw what stands in for the widget."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        picture = self.static_picture()
        data = data | {"image/png": base64.b64encode(figures.as_png(picture)).decode(), "text/plain": picture.alt}
        return data, metadata | {"image/png": {"alt": picture.alt}}
