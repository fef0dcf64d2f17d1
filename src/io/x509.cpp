#include "io/x509.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <ctime>
#include <memory>
#include <string>

namespace saker::io {
namespace {

struct deleter {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
  void operator()(BIGNUM* number) const noexcept { BN_free(number); }
  void operator()(char* text) const noexcept { OPENSSL_free(text); }
};

template <class Print>
std::string printed(Print print) {
  const std::unique_ptr<BIO, deleter> memory(BIO_new(BIO_s_mem()));
  if (!memory || print(memory.get()) < 0) return {};
  char* text = nullptr;
  const auto size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string name_of(const X509_NAME* name) {
  return printed([&](BIO* to) { return X509_NAME_print_ex(to, name, 0, XN_FLAG_RFC2253); });
}

std::string serial_of(const X509& source) {
  const std::unique_ptr<BIGNUM, deleter> number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(&source), nullptr));
  const std::unique_ptr<char, deleter> text(number ? BN_bn2hex(number.get()) : nullptr);
  return text ? text.get() : "";
}

std::string fingerprint_of(const X509& source) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(&source, EVP_sha256(), digest, &size) != 1) return {};
  constexpr char digits[] = "0123456789ABCDEF";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += digits[digest[i] >> 4];
    text += digits[digest[i] & 15];
  }
  return text;
}

std::chrono::system_clock::time_point time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

}  // namespace

certificate describe(const X509& source) {
  certificate result;
  result.subject = name_of(X509_get_subject_name(&source));
  result.issuer = name_of(X509_get_issuer_name(&source));
  result.serial_number = serial_of(source);
  result.sha256 = fingerprint_of(source);
  result.pem = printed([&](BIO* to) { return PEM_write_bio_X509(to, &source); });
  result.not_before = time_of(X509_get0_notBefore(&source));
  result.not_after = time_of(X509_get0_notAfter(&source));
  return result;
}

}  // namespace saker::io
