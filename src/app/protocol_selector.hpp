#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "async/deadline.hpp"
#include "async/loop_state.hpp"
#include "http/exchange/connection_options.hpp"
#include "io/byte_stream.hpp"

namespace saker::app {

/// Finds out which protocol a new connection speaks, and hands it to that protocol: by
/// ALPN (RFC 7301) over TLS, by its first bytes otherwise: the preface of HTTP/2 (RFC 9113, section
/// 3.4), a TLS handshake, which does not belong here and ends the connection, or HTTP/1.
///
/// Owner: its loop, until the choice is made.
class protocol_selector final : public async::disposable,
                                private io::stream_handler,
                                private async::stoppable {
 public:
  protocol_selector(std::unique_ptr<io::byte_stream> stream,
                    const http::connection_options& options);

  static void start(std::unique_ptr<io::byte_stream> stream,
                    const http::connection_options& options);

 private:
  enum class choice { undecided, http1, http2, tls };

  std::size_t on_read(std::span<std::byte> data) override;
  void on_read_end() override { end(); }
  void on_error(std::error_code) override { end(); }
  void on_drained() override {}
  std::size_t read_budget() const noexcept override { return http::request_portion; }
  void on_stopping() override { end(); }

  choice choose(std::span<const std::byte> data) const;
  void end();

  event_loop& loop_;
  std::unique_ptr<io::byte_stream> stream_;
  const http::connection_options& options_;
  async::deadline timer_;
  bool has_begun_ = false;
};

}  // namespace saker::app
