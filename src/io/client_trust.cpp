#include "io/client_trust.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <limits>
#include <stdexcept>

#include "io/certificate_files.hpp"

namespace saker::io {
namespace {

constexpr std::int64_t for_ever = std::numeric_limits<std::int64_t>::max();

std::int64_t now() {
  return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
}

/// 0 when it cannot be read: long ago.
std::int64_t end_of(const X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return 0;
  return ::timegm(&parts);
}

/// Until when what the client has shown can hold.
std::int64_t end_of_verification(const SSL* ssl) {
  if (!SSL_get0_peer_certificate(ssl)) return for_ever;
  const auto* const chain = SSL_get0_verified_chain(ssl);
  auto until = chain ? for_ever : 0;
  for (int i = 0; chain && i < sk_X509_num(chain); ++i) {
    until = std::min(until, end_of(sk_X509_value(chain, i)));
  }
  return until;
}

}  // namespace

client_trust::client_trust(const tls_options& options)
    : mode_(options.client_certificates), file_(options.client_certificate_authorities) {
  if (mode_ == client_certificate_mode::none) return;
  bool known = false;
  if (file_.empty()) {
    // What the system's authorities are cannot be seen: each loading is another trust.
    known = RAND_bytes(identity_.data(), static_cast<int>(identity_.size())) == 1;
  } else {
    authorities_ = read_certificate_file(file_);
    unsigned size = 0;
    known = EVP_Digest(authorities_.data(), authorities_.size(), identity_.data(), &size,
                       EVP_sha256(), nullptr) == 1;
  }
  if (!known) throw std::runtime_error("No digests or random bytes for TLS.");
}

void client_trust::apply(SSL_CTX* context) const {
  if (mode_ == client_certificate_mode::none) return;
  add_authorities(context);
  int mode = SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE;
  if (mode_ == client_certificate_mode::require) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context, mode, nullptr);
  SSL_CTX_set_session_ticket_cb(context, on_new_ticket, on_ticket, const_cast<client_trust*>(this));
}

void client_trust::add_authorities(SSL_CTX* context) const {
  if (file_.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return;
  }
  const openssl_owned<STACK_OF(X509_INFO)> all(
      PEM_X509_INFO_read_bio(memory_of(authorities_).get(), nullptr, nullptr, nullptr));
  auto* const store = SSL_CTX_get_cert_store(context);
  int found = 0;
  for (int i = 0; all && i < sk_X509_INFO_num(all.get()); ++i) {
    auto* const authority = sk_X509_INFO_value(all.get(), i)->x509;
    if (authority && X509_STORE_add_cert(store, authority) == 1 &&
        SSL_CTX_add_client_CA(context, authority) == 1) {
      ++found;
    }
  }
  if (found == 0) refuse_file(file_, "it holds no authorities");
}

std::vector<unsigned char> client_trust::mark(std::int64_t until) const {
  std::vector<unsigned char> made(identity_.begin(), identity_.end());
  made.resize(identity_.size() + sizeof until);
  std::memcpy(made.data() + identity_.size(), &until, sizeof until);
  return made;
}

bool client_trust::accepts(std::span<const unsigned char> mark, std::int64_t now) const {
  std::int64_t until = 0;
  if (mark.size() != identity_.size() + sizeof until) return false;
  if (!std::equal(identity_.begin(), identity_.end(), mark.begin())) return false;
  std::memcpy(&until, mark.data() + identity_.size(), sizeof until);
  return now <= until;
}

int client_trust::on_new_ticket(SSL* ssl, void* self) {
  // A ticket that takes the place of another one says what that one said.
  if (SSL_session_reused(ssl) == 1) return 1;
  const auto mark = static_cast<client_trust*>(self)->mark(end_of_verification(ssl));
  return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), mark.data(), mark.size());
}

SSL_TICKET_RETURN client_trust::on_ticket(SSL*, SSL_SESSION* session, const unsigned char*,
                                          std::size_t, SSL_TICKET_STATUS status, void* self) {
  if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW) {
    return SSL_TICKET_RETURN_IGNORE_RENEW;
  }
  void* data = nullptr;
  std::size_t size = 0;
  SSL_SESSION_get0_ticket_appdata(session, &data, &size);
  const std::span mark(static_cast<const unsigned char*>(data), size);
  if (!static_cast<client_trust*>(self)->accepts(mark, now())) {
    return SSL_TICKET_RETURN_IGNORE_RENEW;
  }
  return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

}  // namespace saker::io
