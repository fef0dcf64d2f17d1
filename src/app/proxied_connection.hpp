#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include <saker/io/proxy_protocol_options.hpp>

#include "async/deadline.hpp"
#include "async/loop_state.hpp"
#include "http/exchange/connection_options.hpp"
#include "io/byte_stream.hpp"
#include "io/ip_networks.hpp"
#include "io/socket_stream.hpp"

namespace saker::app {

/// The PROXY protocol of a server: for whom, and how long.
struct proxy_protocol {
  explicit proxy_protocol(const proxy_protocol_options& options);
  io::ip_networks known_proxies;
  std::chrono::milliseconds header_timeout;
};

/// A new connection of a known proxy, until it has said whom it is from.
///
/// Owner: its loop.
class proxied_connection final : public async::disposable,
                                 private io::stream_handler,
                                 private async::stoppable {
 public:
  using continuation = std::function<void(std::unique_ptr<io::byte_stream>)>;

  proxied_connection(std::unique_ptr<io::socket_stream> stream, std::chrono::milliseconds limit,
                     continuation then);

  static void start(std::unique_ptr<io::socket_stream> stream, std::chrono::milliseconds limit,
                    continuation then);

 private:
  std::size_t on_read(std::span<std::byte> data) override;
  void on_read_end() override { end(); }
  void on_error(std::error_code) override { end(); }
  void on_drained() override {}
  std::size_t read_budget() const noexcept override { return http::request_portion; }
  void on_stopping() override { end(); }
  void end();

  event_loop& loop_;
  std::unique_ptr<io::socket_stream> stream_;
  continuation then_;
  async::deadline timer_;
};

}  // namespace saker::app
