#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <system_error>

#include "async/loop_state.hpp"
#include "async/root_task.hpp"
#include "http/exchange/exchange.hpp"
#include "http/v2/head_builder.hpp"
#include "http/v2/stream_output.hpp"
#include "http/v2/stream_request.hpp"

namespace saker::http::v2 {

class connection;
class tunnel;

/// One stream of HTTP/2: what carries an exchange, or a tunnel.
///
/// Owner: its connection, until the stream is closed, its handler has ended and its tunnel is gone.
class stream final : public async::disposable,
                     public async::list_node<stream>,
                     private async::task_listener,
                     private carrier {
 public:
  stream(connection& on, std::int32_t id);
  ~stream() override;

  std::int32_t id() const noexcept { return id_; }
  void report_work(async::work_report& to) const override;

  // What the client sends; the connection calls.
  void on_head(head_builder& builder, bool end_of_stream);
  void on_trailers(head_builder& builder, bool end_of_stream);
  void on_data(std::span<std::byte> data);
  void on_end();
  /// The stream is closed, for nghttp2; `code` says why.
  void on_closed(std::uint32_t code);
  /// The connection is lost.
  void on_lost(std::errc error);
  /// Whether the client keeps pace is asked now, and then as often as ever.
  void on_stopping();

  // What is sent; nghttp2 asks.
  ssize_t next_data(std::size_t most, std::uint32_t& flags);
  void send_data(std::span<const std::byte> frame_head, std::size_t size);
  void on_data_sent(bool end_of_stream);
  void on_end_sent();

  // For its request.
  void on_turn_end();

  // For its tunnel.
  std::string remote_endpoint() const override;
  std::string local_endpoint() const override;
  void append_output(std::span<const std::byte> data);
  std::size_t output_size() const noexcept { return output_.size(); }
  void end_output();
  void consumed(std::size_t bytes);
  /// For the share of a turn.
  void note_work(std::size_t cost);
  bool connection_has_worked() const noexcept;
  void read_on() noexcept;
  /// The owner of the tunnel has let go of it, or has got all that came.
  void on_tunnel_gone(std::uint32_t code = NGHTTP2_INTERNAL_ERROR);

 private:
  /// `detached`: it runs without the exchange.
  enum class handler : std::uint8_t { none, due, running, detached };

  // async::task_listener: of a detached handler.
  void on_task_done(std::exception_ptr exception) noexcept override;

  // carrier
  event_loop& loop() noexcept override;
  const connection_options& options() const noexcept override;
  const std::shared_ptr<const io::channel_security>& security() const noexcept override;
  void send_head(const http_response& response, const content_size& content) override;
  void send_content(std::span<const std::byte> data) override { append_output(data); }
  void send_end(const headers* trailers) override;
  void send_continue() override;
  std::size_t queued() const noexcept override { return closed_ ? 0 : output_.size(); }
  void await_room() override { watch_client(); }
  void on_body_taken() override;
  void abort(std::errc error) noexcept override;
  std::unique_ptr<io::byte_stream> release_stream() override;
  async::task_listener* on_detached() noexcept override;
  void on_exchange_done() noexcept override;

  async::loop_state& state() noexcept;
  void forget_unstarted();
  void refuse_head();
  void push_body(std::span<const std::byte> data);
  void drain(std::size_t bytes);
  void forget_input();
  void submit_output();
  void submit_trailers();
  void reset(std::uint32_t code);
  void fail(std::errc error);
  void release_if_done();
  bool waits_for_client() const noexcept;
  void watch_client();
  void check_client();
  bool client_is_slow();

  connection& connection_;
  const std::int32_t id_;
  handler handler_ = handler::none;
  bool read_ended_ = false;
  bool closed_ = false;
  bool released_ = false;
  std::uint32_t unconsumed_ = 0;  ///< Received and not taken: within the stream's window.
  std::uint32_t to_credit_ = 0;   ///< Taken and not given back to the client's window.
  std::unique_ptr<stream_request> request_;  ///< Until an accept.
  std::unique_ptr<exchange> exchange_;
  tunnel* tunnel_ = nullptr;
  stream_output output_;
};

}  // namespace saker::http::v2
