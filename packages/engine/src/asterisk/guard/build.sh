#!/bin/sh
# Builds the guard from what stands in the folder it is given: Debian's packages of a compiler, of Asterisk's headers and of
# its source, for the headers of the SIP library inside. Nothing is installed.
set -eu
cd "$1"
mkdir -p build asterisk pjproject

for deb in cache/archives/*.deb asterisk-dev_*.deb; do dpkg-deb -x "$deb" build; done
lib=$(dirname "$(find "$PWD/build/usr/lib" -name 'libbfd-*.so' | head -n 1)")
export LD_LIBRARY_PATH="$lib" PATH="$PWD/build/usr/bin:$PATH"

unpack() { tar --extract --use-compress-program=xz --strip-components=1 --wildcards --directory="$1" --file="$2" "$3"; }
unpack asterisk asterisk_*.orig.tar.xz '*/third-party/pjproject/patches/config_site.h'
unpack pjproject asterisk_*.orig-Xpjproject.tar.xz '*/include/*'
cp asterisk/third-party/pjproject/patches/config_site.h pjproject/pjlib/include/pj/

set --
for part in pjlib pjlib-util pjnath pjmedia pjsip; do set -- "$@" "-Ipjproject/$part/include"; done
gcc --sysroot="$PWD/build" -shared -fPIC -nostdlib -O2 -Wall -Wno-cpp -D_GNU_SOURCE -DPJ_IS_LITTLE_ENDIAN=1 -DPJ_IS_BIG_ENDIAN=0 \
  "-DAST_MODULE=\"res_littlepbx_guard\"" "$@" res_littlepbx_guard.c -o res_littlepbx_guard.so
