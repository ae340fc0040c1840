// Stands in for what a statically linked glibc must not do: load modules. glibc's resolver and OpenSSL's
// loader both open shared objects of the machine they run on, which are built for another libc and may end
// the program. The names below are wanted by OpenSSL and c-ares for paths that amlnet never takes; defined
// here, they keep glibc's own out of the binary, and whoever came to call one would get a plain failure.
#include <netdb.h>
#include <openssl/crypto.h>

#include <cerrno>

namespace {

// The node's openssl.cnf may name modules (FIPS), too, without which nothing would work. The first to
// initialize OpenSSL decides.
[[gnu::constructor]] void ignore_openssl_configuration() {
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
}

}  // namespace

extern "C" {

int getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**) {
  return EAI_FAIL;
}

void freeaddrinfo(addrinfo*) noexcept {}

int getnameinfo(const sockaddr*, socklen_t, char*, socklen_t, char*, socklen_t, int) {
  return EAI_FAIL;
}

hostent* gethostbyname(const char*) {
  return nullptr;
}

servent* getservbyname(const char*, const char*) {
  return nullptr;
}

int getservbyport_r(int, const char*, servent*, char*, size_t, servent** result) {
  *result = nullptr;
  return ENOENT;
}

void* dlopen(const char*, int) noexcept {
  return nullptr;
}

void* dlsym(void*, const char*) noexcept {
  return nullptr;
}

int dlclose(void*) noexcept {
  return -1;
}

char* dlerror() noexcept {
  static char words[] = "a static program loads no modules";
  return words;
}

int dladdr(const void*, void*) noexcept {
  return 0;
}

}  // extern "C"
