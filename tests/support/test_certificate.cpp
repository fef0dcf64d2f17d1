#include "support/test_certificate.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace saker::testing {

struct test_certificate::purpose {
  const char* basic;
  const char* extended;
  const char* alternative_names;
};

namespace {

void require(bool fine, const char* what) {
  if (!fine) throw std::runtime_error(std::string("test_certificate: ") + what);
}

void add_extension(X509* to, X509* issuer, int id, const char* value) {
  if (!value) return;
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  auto* const extension = X509V3_EXT_conf_nid(nullptr, &context, id, value);
  require(extension != nullptr, value);
  X509_add_ext(to, extension, -1);
  X509_EXTENSION_free(extension);
}

struct bio_deleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

template <class Write>
std::string written(Write write) {
  const std::unique_ptr<BIO, bio_deleter> memory(BIO_new(BIO_s_mem()));
  require(write(memory.get()) == 1, "cannot be written");
  char* text = nullptr;
  const auto size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

test_certificate::test_certificate(const std::string& name, const purpose& use,
                                   const test_certificate* issuer, std::chrono::seconds lifetime,
                                   EVP_PKEY* key)
    : certificate_(X509_new()), key_(key ? key : EVP_EC_gen("P-256")) {
  require(certificate_ && key_, "out of memory");
  auto* const made = certificate_.get();
  X509_set_version(made, X509_VERSION_3);
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(made), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made), lifetime.count());
  X509_set_pubkey(made, key_.get());
  auto* const subject = X509_get_subject_name(made);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  auto* const signer = issuer ? issuer->certificate_.get() : made;
  X509_set_issuer_name(made, X509_get_subject_name(signer));
  add_extension(made, signer, NID_basic_constraints, use.basic);
  add_extension(made, signer, NID_ext_key_usage, use.extended);
  add_extension(made, signer, NID_subject_alt_name, use.alternative_names);
  const auto* const by = issuer ? issuer->key_.get() : key_.get();
  const auto* const digest = EVP_PKEY_is_a(by, "ED25519") == 1 ? nullptr : EVP_sha256();
  require(X509_sign(made, const_cast<EVP_PKEY*>(by), digest) > 0, "cannot be signed");
}

test_certificate test_certificate::for_server(const std::string& name,
                                              const std::string& alternative_names) {
  return {name, {"critical,CA:FALSE", "serverAuth", alternative_names.c_str()}, nullptr};
}

test_certificate test_certificate::with_ed25519(const std::string& name) {
  return {name,
          {"critical,CA:FALSE", "serverAuth", "IP:127.0.0.1"},
          nullptr,
          std::chrono::hours(24),
          EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
}

test_certificate test_certificate::authority(const std::string& name) {
  return {name, {"critical,CA:TRUE", nullptr, nullptr}, nullptr};
}

test_certificate test_certificate::issue_client(const std::string& name,
                                                std::chrono::seconds lifetime) const {
  return {name, {"critical,CA:FALSE", "clientAuth", nullptr}, this, lifetime};
}

std::string test_certificate::certificate_pem() const {
  return written([&](BIO* to) { return PEM_write_bio_X509(to, certificate_.get()); });
}

std::string test_certificate::key_pem() const {
  return written([&](BIO* to) {
    return PEM_write_bio_PrivateKey(to, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string test_certificate::key_pem(const std::string& password) const {
  return written([&](BIO* to) {
    return PEM_write_bio_PKCS8PrivateKey(to, key_.get(), EVP_aes_256_cbc(), password.data(),
                                         static_cast<int>(password.size()), nullptr, nullptr);
  });
}

std::string test_certificate::pkcs12(const std::string& password) const {
  auto* const store = PKCS12_create(password.c_str(), "test", key_.get(), certificate_.get(),
                                    nullptr, 0, 0, 0, 0, 0);
  require(store != nullptr, "no PKCS#12");
  auto text = written([&](BIO* to) { return i2d_PKCS12_bio(to, store); });
  PKCS12_free(store);
  return text;
}

}  // namespace saker::testing
