#pragma once

#include <openssl/bio.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>

#include <saker/io/tls_options.hpp>

namespace saker::io {

// Files are read as a whole and only then understood, so that an error of the system is told as
// what it is. Whatever cannot be used throws `std::invalid_argument` that names the file.

struct openssl_deleter {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
  void operator()(PKCS12* store) const noexcept { PKCS12_free(store); }
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
  void operator()(STACK_OF(X509) * chain) const noexcept { sk_X509_pop_free(chain, X509_free); }
  void operator()(STACK_OF(X509_INFO) * all) const noexcept {
    sk_X509_INFO_pop_free(all, X509_INFO_free);
  }
};
template <class T>
using openssl_owned = std::unique_ptr<T, openssl_deleter>;

/// Says why a file cannot be used, with what OpenSSL says, if it says something.
[[noreturn]] void refuse_file(const std::string& file, const std::string& why);

std::string read_certificate_file(const std::string& file);
openssl_owned<BIO> memory_of(const std::string& text);

/// Loads a context's certificate, the chain behind it and the key: from PEM, or from PKCS#12,
/// told by the content.
void use_certificate(SSL_CTX* context, const tls_certificate& source);

}  // namespace saker::io
