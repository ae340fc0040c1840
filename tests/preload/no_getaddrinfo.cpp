// Loaded before everything else (LD_PRELOAD), this ends the program when anything in it asks libc to resolve
// a name, or when libcurl or c-ares starts a thread to do so. Works on tests and on the whole program.
// Children are left alone.
#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace {

__attribute__((constructor)) void leave_children_alone() {
  unsetenv("LD_PRELOAD");
}

[[noreturn]] void forbid(const char* what) {
  constexpr char kWords[] = "no_getaddrinfo: forbidden call of ";
  if (write(2, kWords, sizeof kWords - 1) < 0 || write(2, what, std::strlen(what)) < 0 ||
      write(2, "\n", 1) < 0)
    std::abort();
  std::abort();
}

bool is_resolver(const void* caller) {
  Dl_info info{};
  if (dladdr(caller, &info) == 0 || info.dli_fname == nullptr) return false;
  return std::strstr(info.dli_fname, "libcurl") != nullptr ||
         std::strstr(info.dli_fname, "libcares") != nullptr;
}

}  // namespace

// Declared here, not by <netdb.h>: only the names matter, and the arguments are never looked at.
extern "C" {

int getaddrinfo() {
  forbid("getaddrinfo");
}
int getaddrinfo_a() {
  forbid("getaddrinfo_a");
}
void* gethostbyname() {
  forbid("gethostbyname");
}
void* gethostbyname2() {
  forbid("gethostbyname2");
}
int gethostbyname_r() {
  forbid("gethostbyname_r");
}
int gethostbyname2_r() {
  forbid("gethostbyname2_r");
}
void* gethostbyaddr() {
  forbid("gethostbyaddr");
}
int gethostbyaddr_r() {
  forbid("gethostbyaddr_r");
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) {
  if (is_resolver(__builtin_return_address(0))) forbid("pthread_create");
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  return create(thread, attributes, start, argument);
}

}  // extern "C"
