#include "io/certificate_files.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <new>
#include <stdexcept>
#include <system_error>

namespace saker::io {
namespace {

int give_password(char* buffer, int size, int, void* password) {
  const auto& text = *static_cast<const std::string*>(password);
  if (text.size() > static_cast<std::size_t>(size)) return -1;
  std::copy(text.begin(), text.end(), buffer);
  return static_cast<int>(text.size());
}

[[noreturn]] void refuse_unreadable(const std::string& file, int error) {
  ERR_clear_error();
  refuse_file(file, "it cannot be read (" + std::generic_category().message(error) + ")");
}

/// False: the text is no PKCS#12.
bool use_pkcs12(SSL_CTX* context, const tls_certificate& source, const std::string& text) {
  const openssl_owned<PKCS12> store(d2i_PKCS12_bio(memory_of(text).get(), nullptr));
  if (!store) {
    ERR_clear_error();
    return false;
  }
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* chain = nullptr;
  const bool opened =
      PKCS12_parse(store.get(), source.password.c_str(), &key, &certificate, &chain) == 1;
  const openssl_owned<EVP_PKEY> owned_key(key);
  const openssl_owned<X509> owned_certificate(certificate);
  const openssl_owned<STACK_OF(X509)> owned_chain(chain);
  const auto& file = source.certificate_file;
  if (!opened) refuse_file(file, "the password is wrong, or it is damaged");
  if (!key || !certificate) refuse_file(file, "it does not hold both a certificate and its key");
  if (SSL_CTX_use_cert_and_key(context, certificate, key, chain, 1) != 1) {
    refuse_file(file, "certificate and key do not fit together");
  }
  return true;
}

void use_pem_chain(SSL_CTX* context, const std::string& file, const std::string& text) {
  const auto from = memory_of(text);
  std::string none;
  const openssl_owned<X509> own(PEM_read_bio_X509_AUX(from.get(), nullptr, give_password, &none));
  if (!own) refuse_file(file, "it holds no certificate");
  if (SSL_CTX_use_certificate(context, own.get()) != 1) {
    refuse_file(file, "its certificate cannot be used");
  }
  while (const openssl_owned<X509> next{
      PEM_read_bio_X509(from.get(), nullptr, give_password, &none)}) {
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) {
      refuse_file(file, "its chain cannot be used");
    }
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    refuse_file(file, "its chain is damaged");
  }
  ERR_clear_error();
}

void use_pem_key(SSL_CTX* context, const std::string& file, const std::string& text,
                 std::string password) {
  const openssl_owned<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(memory_of(text).get(), nullptr, give_password, &password));
  if (!key) refuse_file(file, "it holds no private key, or the password is wrong");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    refuse_file(file, "its private key does not fit the certificate");
  }
}

}  // namespace

void refuse_file(const std::string& file, const std::string& why) {
  std::array<char, 256> text{};
  if (const auto error = ERR_peek_last_error(); error != 0) {
    ERR_error_string_n(error, text.data(), text.size());
  }
  ERR_clear_error();
  const std::string detail = text.data();
  throw std::invalid_argument("The certificate file '" + file + "' cannot be used: " + why +
                              (detail.empty() ? "" : " (" + detail + ")"));
}

std::string read_certificate_file(const std::string& file) {
  struct closer {
    void operator()(std::FILE* opened) const noexcept { std::fclose(opened); }
  };
  const std::unique_ptr<std::FILE, closer> opened(std::fopen(file.c_str(), "rbe"));
  if (!opened) refuse_unreadable(file, errno);
  std::string text;
  std::array<char, 4096> piece;
  while (const auto count = std::fread(piece.data(), 1, piece.size(), opened.get())) {
    text.append(piece.data(), count);
  }
  if (std::ferror(opened.get())) refuse_unreadable(file, errno);
  return text;
}

openssl_owned<BIO> memory_of(const std::string& text) {
  openssl_owned<BIO> made(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!made) throw std::bad_alloc();
  return made;
}

void use_certificate(SSL_CTX* context, const tls_certificate& source) {
  ERR_clear_error();
  const auto& file = source.certificate_file;
  const auto text = read_certificate_file(file);
  if (!use_pkcs12(context, source, text)) {
    use_pem_chain(context, file, text);
    const bool apart = !source.key_file.empty();
    use_pem_key(context, apart ? source.key_file : file,
                apart ? read_certificate_file(source.key_file) : text, source.password);
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    refuse_file(file, "certificate and key do not fit together");
  }
}

}  // namespace saker::io
