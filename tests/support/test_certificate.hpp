#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <string>

namespace saker::testing {

/// A certificate and its key, made on the spot: nothing secret lies in the repository.
class test_certificate {
 public:
  /// Signed by itself, for the subject alternative names ("DNS:localhost,IP:127.0.0.1").
  static test_certificate for_server(const std::string& name,
                                     const std::string& alternative_names = "IP:127.0.0.1");
  /// The same, for a host with an Ed25519 key, whose signatures are all of one size.
  static test_certificate with_ed25519(const std::string& name);
  /// Signed by itself, to sign others.
  static test_certificate authority(const std::string& name);
  /// For a client, signed by this authority.
  test_certificate issue_client(const std::string& name,
                                std::chrono::seconds lifetime = std::chrono::hours(24)) const;

  std::string certificate_pem() const;
  std::string key_pem() const;
  /// Encrypted with a password.
  std::string key_pem(const std::string& password) const;
  std::string pkcs12(const std::string& password) const;

 private:
  struct deleter {
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  struct purpose;

  test_certificate(const std::string& name, const purpose& use, const test_certificate* issuer,
                   std::chrono::seconds lifetime = std::chrono::hours(24), EVP_PKEY* key = nullptr);

  std::unique_ptr<X509, deleter> certificate_;
  std::unique_ptr<EVP_PKEY, deleter> key_;
};

}  // namespace saker::testing
