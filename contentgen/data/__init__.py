"""Load what the lessons train on: pictures by `load`, text by `load_text`."""

from contentgen.data.own import file_name
from contentgen.data.pictures import DIGITS, NAMES, Pictures, binary, check_pictures, check_varied, load
from contentgen.data.text import TEXT_NAMES, Text, load_text
