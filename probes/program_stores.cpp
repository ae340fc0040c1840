#include "probes/program_stores.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509_vfy.h>

#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "probes/trust.h"

namespace amlnet {
namespace {

constexpr std::uintmax_t kLargestStore = 4U << 20U;
constexpr std::size_t kMostIssuers = 64;

/// The certificate as PEM files hold it: lines of 64 characters (RFC 7468).
std::string pem_body(const std::string& der) {
  std::string text(4 * ((der.size() + 2) / 3) + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                  reinterpret_cast<const unsigned char*>(der.data()), static_cast<int>(der.size()));
  text.pop_back();
  for (std::size_t at = 64; at < text.size(); at += 65) text.insert(at, 1, '\n');
  return text;
}

// Whoever signed the leaf, and how much of the chain was sent: what else may differ between two chains says
// nothing of a store.
std::string issuer_key(STACK_OF(X509) * chain) {
  const unsigned char* bytes = nullptr;
  std::size_t size = 0;
  if (X509_NAME_get0_der(X509_get_issuer_name(sk_X509_value(chain, 0)), &bytes, &size) != 1) return {};
  std::string key = std::to_string(sk_X509_num(chain));
  key.append(reinterpret_cast<const char*>(bytes), size);
  return key;
}

// A file, and what it says of one chain after the other. It is not parsed where it simply holds the root
// that the node's own verdict rests on: as PEM, or as it is in a keystore.
class FileJudge {
 public:
  explicit FileJudge(const CertificateFile& file) : file_(file) {}

  StoreVerdict operator()(STACK_OF(X509) * chain, const std::string& key, const std::string& anchor) {
    if (!file_.problem.empty()) return {"", -1, file_.problem};
    if (holds(anchor)) return {"", X509_V_OK, X509_verify_cert_error_string(X509_V_OK)};
    if (!store_) store_ = std::make_unique<TrustStore>("", file_.content);
    if (!store_->problem().empty()) return {"", -1, store_->problem()};
    return store_->judge(chain, key);
  }

 private:
  bool holds(const std::string& anchor) const {
    const auto has = [&](const std::string& bytes) { return file_.content.find(bytes) != std::string::npos; };
    return !anchor.empty() && (has(pem_body(anchor)) || has(anchor));
  }

  const CertificateFile& file_;
  std::unique_ptr<TrustStore> store_;
};

}  // namespace

CertificateFile read_store(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return read_rehashed_folder(path, kLargestStore);
  return read_certificate_file(path, kLargestStore);
}

struct StoreReader::Reading {
  ProgramPlaces places;
  std::function<CertificateFile(const std::string&)> read;

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<ReadStore> stores;
  std::string at;  // the name of the one that is being read
  bool finished = false;

  void run() {
    read_all(places.named);
    read_all(find_program_trust(places, [this](const std::string& name) { note_at(name); }));
    const std::lock_guard lock(mutex);
    finished = true;
    changed.notify_all();
  }

 private:
  void read_all(const std::vector<StorePlace>& wanted) {
    for (const StorePlace& place : wanted) {
      note_at(place.name);
      auto& file = known_[place.path];
      if (!file) file = std::make_shared<const CertificateFile>(read(place.path));
      const std::lock_guard lock(mutex);
      stores.push_back({place.name, file});
      at.clear();
    }
  }

  void note_at(const std::string& name) {
    const std::lock_guard lock(mutex);
    at = name;
  }

  std::map<std::string, std::shared_ptr<const CertificateFile>> known_;  // by path
};

namespace {

// The thread takes no signal from those who wait for one.
void start_thread(std::function<void()> work) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread(work).detach();
  } catch (const std::system_error&) {
    work();  // no thread to be had
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

std::shared_ptr<StoreReader::Reading> StoreReader::begin(
    ProgramPlaces places, std::function<CertificateFile(const std::string&)> read) {
  static std::weak_ptr<Reading> last;  // a thread that is held up keeps its own
  if (const auto before = last.lock(); before && before->places == places) {
    const std::lock_guard lock(before->mutex);
    if (!before->finished) return before;
  }
  auto reading = std::make_shared<Reading>();
  last = reading;
  reading->places = std::move(places);
  reading->read = std::move(read);
  start_thread([reading] { reading->run(); });
  return reading;
}

StoreReader::StoreReader(ProgramPlaces places, std::function<CertificateFile(const std::string&)> read)
    : reading_(begin(std::move(places), std::move(read))) {}

std::vector<ReadStore> StoreReader::wait(Deadline until) const {
  std::unique_lock lock(reading_->mutex);
  const bool whole = reading_->changed.wait_until(lock, until, [&] { return reading_->finished; });
  std::vector<ReadStore> stores = reading_->stores;
  if (!whole && !reading_->at.empty())
    stores.push_back({reading_->at, std::make_shared<const CertificateFile>(
                                        CertificateFile{"", "its file system does not answer"})});
  return stores;
}

bool ProgramStores::is_new_issuer(STACK_OF(X509) * chain) {
  if (issuers_.size() >= kMostIssuers || sk_X509_num(chain) < 1) return false;
  std::string key = issuer_key(chain);
  return !key.empty() && issuers_.insert(std::move(key)).second;
}

void ProgramStores::note(STACK_OF(X509) * chain, const std::vector<std::string>& fingerprints,
                         const std::string& anchor) {
  Noted noted{std::unique_ptr<STACK_OF(X509), FreeChain>(X509_chain_up_ref(chain)), fingerprints, anchor};
  if (noted.chain) noted_.push_back(std::move(noted));
}

std::vector<ProgramVerdicts> ProgramStores::judge(Deadline until) {
  std::vector<ProgramVerdicts> out;
  if (noted_.empty()) return out;
  const std::vector<ReadStore> stores = reader_.wait(until);
  std::map<const CertificateFile*, FileJudge> judges;
  for (const Noted& noted : noted_) {
    ProgramVerdicts of_chain{noted.fingerprints, {}};
    const std::string key = std::to_string(out.size());
    for (const ReadStore& store : stores) {
      FileJudge& judge = judges.try_emplace(store.file.get(), *store.file).first->second;
      of_chain.verdicts.push_back(judge(noted.chain.get(), key, noted.anchor));
      of_chain.verdicts.back().store = store.name;
    }
    out.push_back(std::move(of_chain));
  }
  noted_.clear();
  ERR_clear_error();
  return out;
}

}  // namespace amlnet
