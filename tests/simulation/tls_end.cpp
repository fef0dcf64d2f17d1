#include "tls_end.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

#include "support/test_certificate.hpp"

namespace saker::simulation {
namespace {

void configure(SSL* ssl, random& choices, application_protocol above, bool oldest) {
  const std::string_view offered = above == application_protocol::http2 ? "\x02h2" : "\x08http/1.1";
  // Without ALPN it is HTTP/1.1.
  if (above == application_protocol::http2 || !choices.one_in(4)) {
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(offered.data()),
                        static_cast<unsigned>(offered.size()));
  }
  if (oldest) SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
  if (choices.one_in(2)) {
    SSL_set_max_send_fragment(ssl, choices.one_of(512, 1000, 4096, 16384));
  }
  if (choices.one_in(4)) SSL_set_block_padding(ssl, 256);
}

}  // namespace

tls_end::tls_end(random choices, application_protocol above)
    : choices_(choices),
      updates_keys_(!choices_.one_in(4)),
      tls_([&](SSL* ssl) { configure(ssl, choices_, above, !updates_keys_); }) {}

std::string tls_end::send(std::string_view text) {
  if (tls_.is_ready()) return encrypt(text);
  waiting_ += text;
  return {};
}

std::string tls_end::encrypt(std::string_view text) {
  std::string sealed;
  while (!text.empty()) {
    const auto size = choices_.one_in(4) ? 1 + choices_.below(text.size()) : text.size();
    if (updates_keys_ && choices_.one_in(8)) {
      sealed += tls_.update_keys(choices_.one_in(2) ? SSL_KEY_UPDATE_REQUESTED
                                                    : SSL_KEY_UPDATE_NOT_REQUESTED);
    }
    sealed += tls_.encrypt(text.substr(0, size));
    text.remove_prefix(size);
  }
  tls_.sent.clear();
  return sealed;
}

std::string tls_end::receive(std::string_view arrived) {
  auto answers = tls_.advance(arrived);
  if (tls_.is_ready() && !waiting_.empty()) answers += encrypt(std::exchange(waiting_, {}));
  return answers;
}

std::string tls_end::take_received() { return std::exchange(tls_.received, {}); }

/// In memory, so that nothing is left of it.
const std::string& server_certificate_file() {
  static const std::string path = [] {
    const auto made = testing::test_certificate::with_ed25519("127.0.0.1");
    const auto text = made.certificate_pem() + made.key_pem();
    const int descriptor = ::memfd_create("certificate", MFD_CLOEXEC);
    if (descriptor < 0 ||
        ::write(descriptor, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
      throw std::runtime_error("The certificate cannot be kept.");
    }
    return "/proc/self/fd/" + std::to_string(descriptor);
  }();
  return path;
}

}  // namespace saker::simulation
