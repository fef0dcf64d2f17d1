#include "http/features/authentication/pem_keys.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <stdexcept>

namespace saker::http {
namespace {

using read_function = EVP_PKEY*(BIO*, EVP_PKEY**, pem_password_cb*, void*);

/// Nobody is asked for the pass phrase of a key that has one.
int no_pass_phrase(char*, int, int, void*) { return -1; }

/// Whether that is a key of the kind that the algorithm uses.
bool is_key(const std::string& pem, read_function* read, int kind) {
  const std::unique_ptr<BIO, void (*)(BIO*)> text(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), [](BIO* bio) { BIO_free(bio); });
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      read(text.get(), nullptr, &no_pass_phrase, nullptr), &EVP_PKEY_free);
  return key && EVP_PKEY_get_base_id(key.get()) == kind;
}

void require_key(const jwt_key& key, read_function* read, const std::string& what) {
  constexpr std::size_t shortest_secret = 32;
  switch (key.algorithm) {
    case jwt_algorithm::hs256:
      if (key.key.size() >= shortest_secret) return;
      throw std::invalid_argument("jwt_key::key: a secret for HS256 has 32 bytes or more.");
    case jwt_algorithm::rs256:
      if (is_key(key.key, read, EVP_PKEY_RSA)) return;
      throw std::invalid_argument("jwt_key::key: RS256 takes a " + what + " RSA key as PEM.");
    case jwt_algorithm::es256:
      if (is_key(key.key, read, EVP_PKEY_EC)) return;
      throw std::invalid_argument("jwt_key::key: ES256 takes a " + what + " EC key as PEM.");
  }
}

}  // namespace

void require_verifying_key(const jwt_key& key) { require_key(key, &PEM_read_bio_PUBKEY, "public"); }

void require_signing_key(const jwt_key& key) {
  require_key(key, &PEM_read_bio_PrivateKey, "private");
}

}  // namespace saker::http
