#include "io/tls_server.hpp"

#include <openssl/rand.h>

#include <sys/stat.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "io/certificate_files.hpp"
#include "observe/log.hpp"

namespace saker::io {
namespace {

constexpr std::chrono::seconds look_interval{1};
constexpr std::size_t ticket_keys_size = 80;
// Protocols by preference, each with its length in front (RFC 7301, section 3.1).
constexpr std::string_view offered_protocols = "\x02h2\x08http/1.1";

std::string in_lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  return result;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  const auto* const ours = reinterpret_cast<const unsigned char*>(offered_protocols.data());
  unsigned char* found = nullptr;
  const auto result =
      SSL_select_next_proto(&found, chosen_size, ours,
                            static_cast<unsigned>(offered_protocols.size()), offered, offered_size);
  *chosen = found;
  // A client of another protocol must not be served by mistake (RFC 7301, section 3.2).
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

owned_ssl_context make_context(const client_trust& trust,
                               const std::vector<unsigned char>& ticket_keys) {
  owned_ssl_context made(SSL_CTX_new(TLS_server_method()));
  if (!made) throw std::bad_alloc();
  auto* const context = made.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // A ticket holds the session, so that the server need not, nor its threads share it.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_tlsext_ticket_keys(context, const_cast<unsigned char*>(ticket_keys.data()),
                                 static_cast<long>(ticket_keys.size()));
  constexpr std::string_view session_context = "saker";
  SSL_CTX_set_session_id_context(context,
                                 reinterpret_cast<const unsigned char*>(session_context.data()),
                                 static_cast<unsigned>(session_context.size()));
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  trust.apply(context);
  return made;
}

}  // namespace

tls_certificates::tls_certificates(const tls_options& options,
                                   const std::vector<unsigned char>& ticket_keys)
    : trust_(options), unnamed_(make_context(trust_, ticket_keys)) {
  SSL_CTX_set_tlsext_servername_callback(unnamed_.get(), on_server_name);
  SSL_CTX_set_tlsext_servername_arg(unnamed_.get(), this);
  for (const auto& source : options.certificates) {
    if (source.host.empty()) {
      use_certificate(unnamed_.get(), source);
      has_default_ = true;
      continue;
    }
    auto context = make_context(trust_, ticket_keys);
    use_certificate(context.get(), source);
    auto host = in_lower_case(source.host);
    if (host.starts_with("*.")) {
      suffixes_.push_back({host.substr(1), std::move(context)});
    } else {
      exact_[std::move(host)] = std::move(context);
    }
  }
  std::sort(suffixes_.begin(), suffixes_.end(), [](const auto& left, const auto& right) {
    return left.host.size() > right.host.size();
  });
}

owned_ssl tls_certificates::make_ssl() const {
  owned_ssl made(SSL_new(unnamed_.get()));
  if (!made) throw std::bad_alloc();
  return made;
}

SSL_CTX* tls_certificates::find(std::string_view host) const {
  const auto name = in_lower_case(host);
  if (const auto found = exact_.find(name); found != exact_.end()) return found->second.get();
  for (const auto& [suffix, context] : suffixes_) {
    if (name.size() > suffix.size() && name.ends_with(suffix)) return context.get();
  }
  return has_default_ ? unnamed_.get() : nullptr;
}

int tls_certificates::on_server_name(SSL* ssl, int* alert, void* self) {
  const auto& all = *static_cast<const tls_certificates*>(self);
  const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  auto* const found = all.find(name ? name : "");
  if (!found) {
    observe::log(observe::log_level::debug, "A TLS handshake was refused: no certificate is for '" +
                                                std::string(name ? name : "") + "'.");
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  SSL_set_SSL_CTX(ssl, found);
  return SSL_TLSEXT_ERR_OK;
}

tls_server::tls_server(tls_options options)
    : options_(std::move(options)), ticket_keys_(ticket_keys_size) {
  options_.validate();
  if (RAND_bytes(ticket_keys_.data(), static_cast<int>(ticket_keys_.size())) != 1) {
    throw std::runtime_error("No random bytes for TLS.");
  }
  marks_ = look_at_files();
  loaded_ = std::make_shared<const tls_certificates>(options_, ticket_keys_);
}

std::shared_ptr<const tls_certificates> tls_server::certificates(clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  if (now - looked_at_ >= look_interval) {
    looked_at_ = now;
    reload_if_changed();
  }
  return loaded_;
}

std::vector<tls_server::file_mark> tls_server::look_at_files() const {
  std::vector<file_mark> marks;
  const auto look = [&](const std::string& file) {
    struct stat status{};
    auto& mark = marks.emplace_back();
    if (file.empty() || ::stat(file.c_str(), &status) != 0) return;
    mark.changed = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
    mark.size = static_cast<std::uint64_t>(status.st_size);
    mark.inode = status.st_ino;
  };
  for (const auto& each : options_.certificates) {
    look(each.certificate_file);
    look(each.key_file);
  }
  look(options_.client_certificate_authorities);
  return marks;
}

/// What failed is tried again with each look, and told again when the reason is another: a key may
/// be written still, descriptors may be rare for a moment.
void tls_server::reload_if_changed() {
  auto marks = look_at_files();
  if (marks == marks_) {
    failure_.clear();
    return;
  }
  try {
    loaded_ = std::make_shared<const tls_certificates>(options_, ticket_keys_);
    marks_ = std::move(marks);
    failure_.clear();
    observe::log(observe::log_level::information, "The certificates were loaded again.");
  } catch (const std::exception& error) {
    if (failure_ == error.what()) return;
    failure_ = error.what();
    observe::log(observe::log_level::warning, "The old certificates stay in use: " + failure_);
  }
}

}  // namespace saker::io

namespace saker {

void tls_options::validate() const {
  if (certificates.empty()) {
    throw std::invalid_argument("tls_options::certificates must have at least one.");
  }
  for (const auto& each : certificates) {
    if (each.certificate_file.empty()) {
      throw std::invalid_argument("tls_certificate::certificate_file must not be empty.");
    }
  }
  if (handshake_timeout <= std::chrono::milliseconds(0)) {
    throw std::invalid_argument("tls_options::handshake_timeout must be more than 0.");
  }
}

}  // namespace saker
