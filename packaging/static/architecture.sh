# Sourced by build.sh: what differs between the architectures that the static binary is built for.

# use_architecture amd64|arm64: sets
#   build            the folder it is built in
#   tools            the prefix of the compiler's and the binutils' names
#   branches         the compiler's flag for the processor's protection of branches
#   links            the linker's flags of this architecture alone
#   openssl_target   its name in OpenSSL's configuration
#   archives         the folder of Debian's static libraries
#   cross            arguments of CMake
#   lists            further lists of packages to install
use_architecture() {
  case $1 in
    amd64)
      build=$root/build/static tools="" branches=-fcf-protection links=-Wl,-z,pack-relative-relocs openssl_target=linux-x86_64
      archives=/usr/lib/x86_64-linux-gnu cross=() lists=()
      ;;
    arm64)
      # Debian 12's own linker cannot pack relocations for arm64, half a megabyte of the eight; lld can. Kernels may have pages of
      # 64 KiB, to whose end RELRO must reach. All programs of the build are static, so that the emulator needs no libraries.
      build=$root/build/static-arm64 tools=aarch64-linux-gnu- branches=-mbranch-protection=standard
      links="-static-pie -fuse-ld=lld -Wl,--pack-dyn-relocs=relr -Wl,-z,common-page-size=65536"
      openssl_target=linux-aarch64 archives=$build/sysroot/usr/lib/aarch64-linux-gnu
      cross=("-DCMAKE_TOOLCHAIN_FILE=$here/arm64.cmake") lists=("$here/packages-arm64.txt")
      export PATH=$build/tools:$PATH LDFLAGS=$links
      ;;
    *)
      echo "packaging/static/build.sh: --arch: expected amd64 or arm64, got \"$1\"" >&2
      return 2
      ;;
  esac
  export tools openssl_target archives
}
