#include "redis/socket.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <optional>
#include <stdexcept>
#include <system_error>

#include <saker/async/asio.hpp>

#include "io/ip_networks.hpp"

namespace saker::redis {
namespace {

namespace asio = boost::asio;
using stream = asio::generic::stream_protocol::socket;

void require(const boost::system::error_code& error, const std::string& file) {
  if (error) {
    throw std::invalid_argument("The file '" + file +
                                "' cannot be used for TLS with Redis: " + error.message());
  }
}

}  // namespace

struct tls_client::implementation {
  asio::ssl::context context{asio::ssl::context::tls_client};
};

tls_client::tls_client(const tls_settings& settings)
    : implementation_(std::make_unique<implementation>()) {
  auto& context = implementation_->context;
  boost::system::error_code error;
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.set_verify_mode(asio::ssl::verify_peer);
  if (settings.certificate_authorities.empty()) {
    context.set_default_verify_paths();
  } else {
    require(context.load_verify_file(settings.certificate_authorities, error),
            settings.certificate_authorities);
  }
  if (settings.certificate_file.empty()) return;
  require(context.use_certificate_chain_file(settings.certificate_file, error),
          settings.certificate_file);
  const auto& key = settings.key_file.empty() ? settings.certificate_file : settings.key_file;
  require(context.use_private_key_file(key, asio::ssl::context::pem, error), key);
}

tls_client::~tls_client() = default;

struct socket::implementation {
  implementation(event_loop& loop, tls_client* with)
      : resolver(loop.context()), plain(loop.context()), tls(with) {}

  asio::ip::tcp::resolver resolver;
  stream plain;
  tls_client* tls;
  std::optional<asio::ssl::stream<stream&>> secured;
  bool closed = false;

  task<void> connect_tcp(const address& where);
  task<void> secure(const std::string& host);
};

socket::socket(event_loop& loop, tls_client* tls)
    : implementation_(std::make_unique<implementation>(loop, tls)) {}

socket::~socket() = default;

task<void> socket::implementation::connect_tcp(const address& where) {
  auto resolving = resolver.async_resolve(where.host, std::to_string(where.port), asio::deferred);
  const auto found = co_await std::move(resolving);
  std::exception_ptr failure;
  for (const auto& each : found) {
    failure = nullptr;
    if (closed) throw std::system_error(std::make_error_code(std::errc::operation_canceled));
    try {
      plain = stream(plain.get_executor());
      auto connecting = plain.async_connect(stream::endpoint_type(each.endpoint()), asio::deferred);
      co_await std::move(connecting);
      break;
    } catch (...) {
      failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
  plain.set_option(asio::ip::tcp::no_delay(true));
}

task<void> socket::implementation::secure(const std::string& host) {
  secured.emplace(plain, tls->own().context);
  secured->set_verify_callback(asio::ssl::host_name_verification(host));
  // Names only (RFC 6066, section 3).
  if (!io::is_ip_address(host)) SSL_set_tlsext_host_name(secured->native_handle(), host.c_str());
  auto shaking = secured->async_handshake(asio::ssl::stream_base::client, asio::deferred);
  co_await std::move(shaking);
}

task<void> socket::connect(const address& where) {
  auto& own = *implementation_;
  if (where.is_unix()) {
    auto connecting = own.plain.async_connect(
        stream::endpoint_type(asio::local::stream_protocol::endpoint(where.host)), asio::deferred);
    co_await std::move(connecting);
  } else {
    auto connecting = own.connect_tcp(where);
    co_await connecting;
  }
  if (own.tls) {
    auto securing = own.secure(where.host);
    co_await securing;
  }
}

task<std::size_t> socket::read(std::span<char> buffer) {
  auto& own = *implementation_;
  const auto target = asio::buffer(buffer.data(), buffer.size());
  if (own.secured) {
    auto reading = own.secured->async_read_some(target, asio::deferred);
    co_return co_await std::move(reading);
  }
  auto reading = own.plain.async_read_some(target, asio::deferred);
  co_return co_await std::move(reading);
}

task<void> socket::write(std::span<const char> data) {
  auto& own = *implementation_;
  const auto source = asio::buffer(data.data(), data.size());
  if (own.secured) {
    auto writing = asio::async_write(*own.secured, source, asio::deferred);
    co_await std::move(writing);
  } else {
    auto writing = asio::async_write(own.plain, source, asio::deferred);
    co_await std::move(writing);
  }
}

void socket::close() noexcept {
  auto& own = *implementation_;
  own.closed = true;
  own.resolver.cancel();
  boost::system::error_code error;
  error = own.plain.close(error);  // It may be closed already.
}

}  // namespace saker::redis
