// Prints what the program takes for granted of NO_PROXY: for each line "LIST<tab>HOST<tab>PORT" of standard
// input a line "direct" or "proxy" for each client, in the order of kProxyClients, parted by blanks.
#include <iostream>
#include <sstream>

#include "agent/diagnosis/no_proxy.h"

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream fields(line);
    std::string list, host;
    unsigned port = 0;
    std::getline(fields, list, '\t');
    std::getline(fields, host, '\t');
    fields >> port;
    for (const auto client : amlnet::kProxyClients) {
      const bool direct = amlnet::goes_direct(client, list, host, static_cast<std::uint16_t>(port));
      std::cout << (direct ? "direct " : "proxy ");
    }
    std::cout << '\n';
  }
}
