"""Colours: sequential palettes, a diverging one, categories, and the greys of both themes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.errors import unknown_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "DARK", "DIVERGING", "LEAST_CONTRAST", "LIGHT", "MOST_CATEGORIES", "PALETTES", "Theme",
    "category_colors", "contrast", "palette", "ramp",
]  # fmt: skip

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255 in sRGB."""


def _colours(text: str) -> NDArray[np.uint8]:
    """Read a run of rrggbb into (colours, 3) uint8, read-only."""
    colours = np.frombuffer(bytes.fromhex(text.replace(" ", "")), np.uint8)
    return colours.reshape(-1, 3)


def _ramp(*stops: str) -> NDArray[np.uint8]:
    """Return 256 colours that run evenly through the given ones."""
    points = np.array([_colours(stop)[0] for stop in stops], np.float64)
    at = np.linspace(0, len(stops) - 1, 256)
    channels = [np.interp(at, np.arange(len(stops)), points[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Theme:
    """The colours that follow the page from light to dark.

    A palette follows by `ramp`.

    Attributes
    ----------
    name : str
    background : tuple of int
        Red, green, blue; behind a picture that is not transparent.
    context : tuple of int
        Grey of the rows outside a selection and of those without a value.
    other : tuple of int
        Grey of the category "other or missing".
    density : ndarray of shape (256, 3), uint8
        Ramp for the number of rows, from few to many.
    categories : ndarray of shape (16, 3), uint8
        Colours of the largest categories.
    """

    name: str
    background: Colour
    context: Colour
    other: Colour
    density: NDArray[np.uint8]
    categories: NDArray[np.uint8]


# Okabe & Ito 2008 (jfly.uni-koeln.de/color) without black, and from the schemes of Paul Tol (2021,
# SRON/EPS/TN/09-002) those farthest from them, from each other and from the greys in CIEDE2000, as
# seen with normal and with colour-blind eyes (Machado et al. 2009, doi 10.1109/TVCG.2009.113).
# Where one was too near to a ground, its theme has another of about that hue: the nearest at which
# no two categories come closer than any two of the published ones.
_LIGHT_CATEGORIES = _colours(
    "0072b2 e69f00 009e73 d55e00 cc79a7 56b4e9 661100 332288"
    "b0c068 666633 994455 663333 90c090 e8a8b8 c8b0d0 4090e0"
)
_DARK_CATEGORIES = _colours(
    "0072b2 e69f00 009e73 d55e00 cc79a7 56b4e9 b83010 4040a8"
    "f0e442 666633 994455 b07050 cae0ab ffaabb d1bbd7 99ddff"
)
MOST_CATEGORIES = len(_LIGHT_CATEGORIES)
"""How many categories have a colour of their own."""

# the context greys keep CIEDE2000 ≥ 10 from every colour of a scale in their theme: cividis runs
# through blue greys, so the dark one is warm
LIGHT = Theme(
    "light", (255, 255, 255), (207, 211, 218), (138, 144, 153), _ramp("9dbadb", "3f6fa8", "0a1b3d"),
    _LIGHT_CATEGORIES,
)  # fmt: skip
DARK = Theme(
    "dark", (20, 23, 28), (64, 61, 57), (138, 144, 153), _ramp("35618f", "7fb0de", "f0f7ff"),
    _DARK_CATEGORIES,
)  # fmt: skip

# Matplotlib's viridis by Stéfan van der Walt and Nathaniel Smith, dedicated to the public domain
# (CC0)
_VIRIDIS = (
    "44015444025544035745055845065a45085b46095c460b5e460c5f460e61470f62471163471265471466471567471669"
    "47186a48196b481a6c481c6e481d6f481e70482071482172482273482374472575472676472777472878472a79472b7a"
    "472c7b462d7c462f7c46307d46317e45327f45347f453580453681443781443982433a83433b83433c84423d84423e85"
    "4240854141864142864043874044873f45873f47883e48883e49893d4a893d4b893d4c893c4d8a3c4e8a3b508a3b518a"
    "3a528b3a538b39548b39558b38568b38578c37588c37598c365a8c365b8c355c8c355d8c345e8d345f8d33608d33618d"
    "32628d32638d31648d31658d31668d30678d30688d2f698d2f6a8d2e6b8e2e6c8e2e6d8e2d6e8e2d6f8e2c708e2c718e"
    "2c728e2b738e2b748e2a758e2a768e2a778e29788e29798e287a8e287a8e287b8e277c8e277d8e277e8e267f8e26808e"
    "26818e25828e25838d24848d24858d24868d23878d23888d23898d22898d228a8d228b8d218c8d218d8c218e8c208f8c"
    "20908c20918c1f928c1f938b1f948b1f958b1f968b1e978a1e988a1e998a1e998a1e9a891e9b891e9c891e9d881e9e88"
    "1e9f881ea0871fa1871fa2861fa38620a48520a58521a68521a78422a78423a88323a98224aa8225ab8126ac8127ad80"
    "28ae7f29af7f2ab07e2bb17d2cb17d2eb27c2fb37b30b47a32b57a33b67935b77836b87738b97639b9763bba753dbb74"
    "3ebc7340bd7242be7144be7045bf6f47c06e49c16d4bc26c4dc26b4fc36951c46853c56755c66657c66559c7645bc862"
    "5ec96160c96062ca5f64cb5d67cc5c69cc5b6bcd596dce5870ce5672cf5574d05477d05279d1517cd24f7ed24e81d34c"
    "83d34b86d44988d5478bd5468dd64490d64392d74195d73f97d83e9ad83c9dd93a9fd938a2da37a5da35a7db33aadb32"
    "addc30afdc2eb2dd2cb5dd2bb7dd29bade27bdde26bfdf24c2df22c5df21c7e01fcae01ecde01dcfe11cd2e11bd4e11a"
    "d7e219dae218dce218dfe318e1e318e4e318e7e419e9e419ece41aeee51bf1e51cf3e51ef6e61ff8e621fae622fde724"
)

# cividis: Nuñez, Anderton & Renslow 2018, doi 10.1371/journal.pone.0199239; table as in Matplotlib,
# CC0
_CIVIDIS = (
    "00204c00204e00215000225100235300235500245600255800265a00265b00275d00285f002861002963002a64002a66"
    "002b68002c6a002d6c002d6d002e6e002e6f002f6f002f6f00306f00316f00316f00326e00336e00346e00346e01356e"
    "06366e0a376d0e376d12386d15396d17396d1a3a6c1c3b6c1e3c6c203c6c223d6c243e6c263e6c273f6c29406b2b416b"
    "2c416b2e426b2f436b31446b32446b33456b35466b36466b37476b38486b3a496b3b496b3c4a6b3d4b6b3e4b6b404c6b"
    "414d6b424e6b434e6b444f6b45506b46506b47516b48526b49536b4a536b4b546b4c556b4d556b4e566b4f576c50586c"
    "51586c52596c535a6c545a6c555b6c565c6c575d6d585d6d595e6d5a5f6d5b5f6d5c606d5d616e5e626e5f626e5f636e"
    "60646e61656f62656f63666f64676f65676f666870676970686a70686a70696b716a6c716b6d716c6d726d6e726e6f72"
    "6f6f726f70737071737172737272747373747474757575757575757676767777767878767978777a79777b7a777b7b78"
    "7c7b787d7c787e7d787f7e78807e78817f788280788381788481788582788683788784788885788985788a86788b8778"
    "8c88788d88788e89788f8a78908b78918c78928c78938d78948e78958f78968f779790779891779992779a93779b9377"
    "9c94779d95779e96769f9776a09876a19876a29976a39a75a49b75a59c75a69c75a79d75a89e74a99f74aaa074aba174"
    "aca173ada273aea373afa473b0a572b1a672b2a672b4a771b5a871b6a971b7aa70b8ab70b9ab70baac6fbbad6fbcae6e"
    "bdaf6ebeb06ebfb16dc0b16dc1b26cc2b36cc3b46cc5b56bc6b66bc7b76ac8b86ac9b869cab969cbba68ccbb68cdbc67"
    "cebd67d0be66d1bf66d2c065d3c065d4c164d5c263d6c363d7c462d8c561d9c661dbc760dcc860ddc95fdeca5edfcb5d"
    "e0cb5de1cc5ce3cd5be4ce5be5cf5ae6d059e7d158e8d257e9d356ebd456ecd555edd654eed753efd852f0d951f1da50"
    "f3db4ff4dc4ef5dd4df6de4cf7df4bf9e049fae048fbe147fce246fde345ffe443ffe542ffe642ffe743ffe844ffe945"
)

# diverging, safe for colour-blind eyes: Paul Tol 2021, SRON/EPS/TN/09-002
_SUNSET = "364b9a 4a7bb7 6ea6cd 98cae1 c2e4ef eaeccc feda8b fdb366 f67e4b dd3d2d a50026"

PALETTES: dict[str, NDArray[np.uint8]] = {
    "viridis": _colours(_VIRIDIS),
    "cividis": _colours(_CIVIDIS),
    "sunset": _ramp(*_SUNSET.split()),
}
"""Palettes by name, (256, 3) uint8."""

DIVERGING = "sunset"
"""The palette that runs both ways from its middle, for a scale around a value."""


@cache
def palette(name: str) -> NDArray[np.uint8]:
    """Return a palette by name, (256, 3) uint8.

    Raises
    ------
    UnknownName
        If there is none of that name.
    """
    if name not in PALETTES:
        raise unknown_name("palette", name, PALETTES)
    return PALETTES[name]


def category_colors(n: int, theme: str) -> list[str]:
    """Return the colours of n categories as #rrggbb, from the first again after the last.

    Parameters
    ----------
    n : int
    theme : {"light", "dark"}
    """
    colours = (DARK if theme == "dark" else LIGHT).categories
    return [f"#{bytes(colours[place % len(colours)]).hex()}" for place in range(n)]


LEAST_CONTRAST = 1.9
"""Least contrast of a colour of data with the ground of the map, as WCAG 2.2 defines contrast.

The grey of the rows that are not selected has 1.5 on light and 1.7 on dark ground: no row with a
value is fainter, and each stays CIEDE2000 ≥ 10 from it. The 3 that WCAG asks of parts of the page
would cost a third of each palette.
"""


@cache
def ramp(name: str | None, theme: Theme) -> NDArray[np.uint8]:
    """Return the colours of a scale as they are drawn on a theme's ground, (256, 3) uint8.

    A palette that begins or ends too near to the ground is shortened there and stretched to 256
    colours; what is too near in its middle is moved away from the ground in luminance.

    Parameters
    ----------
    name : str or None
        A palette; None for the theme's ramp of the number of rows.
    theme : Theme
    """
    if name is None:
        return theme.density
    colours = palette(name)
    clear = np.flatnonzero(contrast(colours, theme.background) >= LEAST_CONTRAST)
    places = np.linspace(clear[0], clear[-1], len(colours)).round().astype(np.intp)
    return _moved_off(colours[places], theme)


def contrast(colours: NDArray[np.uint8] | Colour, ground: Colour) -> NDArray[np.float64]:
    """Return the contrast of colours with a ground, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = _luminance(_linear(colours)), _luminance(_linear(ground))
    return (np.maximum(light, dark) + 0.05) / (np.minimum(light, dark) + 0.05)


def _moved_off(colours: NDArray[np.uint8], theme: Theme) -> NDArray[np.uint8]:
    """Darken, on dark ground lighten, the colours that are too near to the ground."""
    light, ground = _linear(colours), float(_luminance(_linear(theme.background)))
    present = _luminance(light)[:, None]
    aim = LEAST_CONTRAST * 1.01  # what rounding to a byte may take
    if theme.name == "dark":
        wanted = aim * (ground + 0.05) - 0.05
        share = np.clip((wanted - present) / (1 - present), 0, None)
        moved = light + share * (1 - light)  # towards white
    else:
        wanted = (ground + 0.05) / aim - 0.05
        moved = light * np.minimum(1, wanted / np.maximum(present, 1e-9))
    near = contrast(colours, theme.background) < LEAST_CONTRAST
    encoded = np.where(moved <= 0.0031308, moved * 12.92, 1.055 * moved ** (1 / 2.4) - 0.055)
    return np.where(near[:, None], (255 * encoded).round().astype(np.uint8), colours)


def _linear(colours: NDArray[np.uint8] | Colour) -> NDArray[np.float64]:
    """Return sRGB as linear light, 0 to 1 (IEC 61966-2-1)."""
    share = np.asarray(colours, np.float64) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def _luminance(light: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(light @ np.array([0.2126, 0.7152, 0.0722]))
