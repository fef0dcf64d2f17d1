#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstddef>
#include <memory>
#include <string>

namespace saker::http {

struct key_pair {
  std::string private_pem;
  std::string public_pem;
};

inline key_pair to_pem(EVP_PKEY* key) {
  const auto text = [](auto write) {
    const std::unique_ptr<BIO, void (*)(BIO*)> memory(BIO_new(BIO_s_mem()),
                                                      [](BIO* each) { BIO_free(each); });
    write(memory.get());
    char* data = nullptr;
    const auto size = BIO_get_mem_data(memory.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
  };
  key_pair pair;
  pair.private_pem = text(
      [&](BIO* to) { PEM_write_bio_PrivateKey(to, key, nullptr, nullptr, 0, nullptr, nullptr); });
  pair.public_pem = text([&](BIO* to) { PEM_write_bio_PUBKEY(to, key); });
  EVP_PKEY_free(key);
  return pair;
}

}  // namespace saker::http
