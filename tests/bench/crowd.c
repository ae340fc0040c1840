/* A bare epoll loop, the bench's yardstick for fairness: for each "NAME PORT" line of a file two DNS questions (A, AAAA), one
 * non-blocking connect to the first address and one verified handshake; nothing is recorded. Ends when the given number of
 * handshakes is done, and prints how many succeeded and the seconds that took. Usage: crowd CA_FILE NAMESERVER COUNT LIST */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { kMost = 20000, kWaiting = 256 };  /* questions that wait at once: more would not fit the nameserver's buffer */
struct endpoint {
  char name[128];
  int port, fd, done;
  SSL *ssl;
};
static struct endpoint endpoints[kMost];
static int count, asked, waiting, good, done, nameserver, loop;
static SSL_CTX *context;

static double now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void ask(int index, unsigned char type) {
  unsigned char message[300] = {(unsigned char)(index >> 8), (unsigned char)index, 1, 0, 0, 1}, *at = message + 12;
  for (const char *label = endpoints[index].name; *label;) {
    size_t length = strcspn(label, ".");
    *at++ = (unsigned char)length;
    memcpy(at, label, length);
    at += length;
    label += length + (label[length] == '.');
  }
  *at++ = 0, *at++ = 0, *at++ = type, *at++ = 0, *at++ = 1;
  if (send(nameserver, message, (size_t)(at - message), 0) > 0) ++waiting;
}

static void ask_more(void) {
  for (; asked < count && waiting < kWaiting; ++asked) ask(asked, 1), ask(asked, 28);
}

static void start(struct endpoint *to, const unsigned char *address) {
  struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((unsigned short)to->port)};
  memcpy(&where.sin_addr, address, 4);
  to->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (connect(to->fd, (struct sockaddr *)&where, sizeof where) != 0 && errno != EINPROGRESS) return;
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = to};
  epoll_ctl(loop, EPOLL_CTL_ADD, to->fd, &event);
}

/* The nameserver is ours: an answer is one question and, of an A question, one record with a compressed owner. */
static void take_answers(void) {
  unsigned char message[1500];
  ssize_t size;
  while ((size = recv(nameserver, message, sizeof message, MSG_DONTWAIT)) > 12) {
    --waiting;
    struct endpoint *of = &endpoints[message[0] << 8 | message[1]];
    size_t question = 12 + strlen(of->name) + 2, record = question + 4;
    if (message[question + 1] == 1 && message[7] > 0 && (size_t)size >= record + 16 && of->fd == 0)
      start(of, message + record + 12);
  }
  ask_more();
}

static void shake(struct endpoint *with) {
  if (with->ssl == NULL) {
    with->ssl = SSL_new(context);
    SSL_set_tlsext_host_name(with->ssl, with->name);
    SSL_set1_host(with->ssl, with->name);
    SSL_set_fd(with->ssl, with->fd);
  }
  int status = SSL_connect(with->ssl);
  if (status != 1 && SSL_get_error(with->ssl, status) <= SSL_ERROR_WANT_WRITE &&
      SSL_get_error(with->ssl, status) != SSL_ERROR_SSL)
    return;
  good += status == 1 && SSL_get_verify_result(with->ssl) == X509_V_OK;
  ++done;
  with->done = 1;
  close(with->fd);
}

int main(int words, char **word) {
  if (words != 5) return 2;
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  double began = now();
  context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  FILE *list = fopen(word[4], "r");
  if (list == NULL || SSL_CTX_load_verify_file(context, word[1]) != 1) return 2;
  while (count < kMost && fscanf(list, "%127s %d", endpoints[count].name, &endpoints[count].port) == 2) ++count;
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(53)};
  inet_pton(AF_INET, word[2], &server.sin_addr);
  nameserver = socket(AF_INET, SOCK_DGRAM, 0);
  if (connect(nameserver, (struct sockaddr *)&server, sizeof server) != 0) return 2;
  loop = epoll_create1(0);
  struct epoll_event events[64] = {{.events = EPOLLIN, .data.ptr = NULL}};
  epoll_ctl(loop, EPOLL_CTL_ADD, nameserver, events);
  ask_more();
  while (done < atoi(word[3])) {
    int ready = epoll_wait(loop, events, 64, 5000);
    if (ready == 0) break;
    for (int i = 0; i < ready; ++i) {
      struct endpoint *of = events[i].data.ptr;
      if (of == NULL) take_answers();
      else if (!of->done) shake(of);
    }
  }
  printf("%d %.6f\n", good, now() - began);
  return 0;
}
