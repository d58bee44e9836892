#!/bin/sh
# Chromium and a CJK font for the browser tests: installed where this is root on Debian, else named as left out.
command -v chromium >/dev/null 2>&1 && fc-list 2>/dev/null | grep -qi "noto.*cjk" && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  (apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk fontconfig) >/dev/null 2>&1 && exit 0
fi
echo "left out: Chromium or a CJK font is not here and cannot be installed; the browser tests will be skipped"
exit 0
