// Prints what the program says of a trust store. "judge STORE CHAIN" gives the verdict's code for a chain in
// PEM, leaf first; "list STORE" the SHA-256 of each certificate in a keystore of Java's, or why there are
// none.
#include <openssl/pem.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "probes/certificate.h"
#include "probes/keystore.h"
#include "probes/program_stores.h"

namespace {

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

int judge(const std::string& store, const std::string& chain_file) {
  STACK_OF(X509)* chain = sk_X509_new_null();
  BIO* file = BIO_new_file(chain_file.c_str(), "r");
  while (X509* one = PEM_read_bio_X509(file, nullptr, nullptr, nullptr)) sk_X509_push(chain, one);
  BIO_free(file);
  amlnet::ProgramPlaces places;
  places.root = "/nonexistent/";
  places.named = {{"store", store}};
  amlnet::ProgramStores stores((amlnet::StoreReader(places)));
  stores.note(chain, {}, "");
  const auto judged = stores.judge(amlnet::Clock::now() + amlnet::Milliseconds(60000));
  std::cout << judged.at(0).verdicts.at(0).code << '\n';
  sk_X509_pop_free(chain, X509_free);
  return 0;
}

int list(const std::string& store) {
  const auto keystore = amlnet::read_keystore(content(store));
  for (const auto& der : keystore.certificates) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    X509* certificate = d2i_X509(nullptr, &bytes, static_cast<long>(der.size()));
    std::cout << amlnet::fingerprint(certificate) << '\n';
    X509_free(certificate);
  }
  if (keystore.certificates.empty()) std::cout << keystore.problem << '\n';
  return keystore.is_one ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  const std::string what = count > 2 ? words[1] : "";
  if (what == "judge" && count == 4) return judge(words[2], words[3]);
  if (what == "list" && count == 3) return list(words[2]);
  std::cerr << "judge STORE CHAIN | list STORE\n";
  return 2;
}
