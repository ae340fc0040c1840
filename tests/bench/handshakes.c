/* A bare OpenSSL loop, the bench's yardstick for CPU: for each "ADDRESS PORT NAME" line of a file one blocking, verified
 * handshake. Prints how many succeeded. Usage: handshakes CA_FILE LIST */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static int shake(SSL_CTX *context, const char *address, int port, const char *name) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  if (inet_pton(AF_INET, address, &to.sin_addr) != 1) return 0;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return 0;
  int good = connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
  if (good) {
    SSL *ssl = SSL_new(context);
    SSL_set_tlsext_host_name(ssl, name);
    SSL_set1_host(ssl, name);
    SSL_set_fd(ssl, fd);
    good = SSL_connect(ssl) == 1 && SSL_get_verify_result(ssl) == X509_V_OK;
    SSL_free(ssl);
  }
  close(fd);
  return good;
}

int main(int count, char **words) {
  if (count != 3) return 2;
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  if (SSL_CTX_load_verify_file(context, words[1]) != 1) return 2;
  FILE *list = fopen(words[2], "r");
  if (list == NULL) return 2;
  char address[64], name[256];
  int port = 0, good = 0;
  while (fscanf(list, "%63s %d %255s", address, &port, name) == 3) good += shake(context, address, port, name);
  fclose(list);
  SSL_CTX_free(context);
  printf("%d\n", good);
  return 0;
}
