#include "probes/tls_client.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <string_view>
#include <utility>

namespace amlnet {
namespace {

constexpr std::string_view kHttp11 = "\x08http/1.1";

// Our own stores judge the chain afterwards; nothing here may end a handshake.
int accept_any_chain(X509_STORE_CTX*, void*) {
  return 1;
}

SSL_CTX* make_context() {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) return nullptr;
  // Everything that OpenSSL can still speak, whatever the node's openssl.cnf says: an old server shall be
  // recorded as old, and not hidden behind a handshake that we refuse ourselves.
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context, 0);
  SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0");
  SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);  // one read for what has come, not two for each record
  // A resumed session shows no certificate.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_cert_verify_callback(context, accept_any_chain, nullptr);
  SSL_CTX_set_tlsext_status_type(context, TLSEXT_STATUSTYPE_ocsp);
  SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(kHttp11.data()),
                          static_cast<unsigned int>(kHttp11.size()));
  ERR_clear_error();
  return context;
}

}  // namespace

TlsClient::TlsClient(const std::string& ca_file, const std::string& root)
    : impl_(new Impl{std::unique_ptr<SSL_CTX, FreeContext>(make_context()),
                     TrustStore(find_trust(ca_file, root)),
                     {},
                     ProgramStores(StoreReader(program_places(root)))}) {}

TlsClient::~TlsClient() = default;

bool TlsClient::add_store(const std::string& ca_file) {
  auto store = impl_->extra.find(ca_file);
  if (store == impl_->extra.end())
    store = impl_->extra.emplace(ca_file, TrustStore(TrustSource{ca_file, ca_file, ""})).first;
  return store->second.problem().empty();
}

std::vector<std::string> TlsClient::stores() const {
  std::vector<std::string> out{impl_->base.name()};
  for (const auto& [path, store] : impl_->extra) out.push_back(path);
  return out;
}

std::vector<std::string> TlsClient::problems() const {
  std::vector<std::string> out;
  if (!impl_->context) out.emplace_back("OpenSSL could not make a TLS context");
  if (!impl_->base.problem().empty()) out.push_back(impl_->base.problem());
  for (const auto& [path, store] : impl_->extra)
    if (!store.problem().empty()) out.push_back(store.problem());
  return out;
}

std::vector<ProgramVerdicts> TlsClient::ask_programs(Deadline until) {
  return impl_->programs.judge(until);
}

std::vector<StoreVerdict> judge_chain(TlsClient::Impl& client, const std::string& extra_store,
                                      STACK_OF(X509) * chain, const std::vector<std::string>& fingerprints,
                                      const std::string& key) {
  std::vector<StoreVerdict> out;
  const auto extra = client.extra.find(extra_store);
  if (extra != client.extra.end()) out.push_back(extra->second.judge(chain, key));
  out.push_back(client.base.judge(chain, key));
  // Either store may vouch for the chain, and the first verdict decides.
  if (out.size() == 2 && out.front().code != 0 && out.back().code == 0) std::swap(out.front(), out.back());
  if (client.programs.is_new_issuer(chain))
    client.programs.note(chain, fingerprints, client.base.anchor_of(key));
  return out;
}

}  // namespace amlnet
