"""Load what the lessons train on: pictures by `load`, text by `load_text`."""

from contentgen.data.pictures import DIGITS, NAMES, Pictures, check_pictures, load
from contentgen.data.text import TEXT_NAMES, Text, load_text
