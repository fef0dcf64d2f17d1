#pragma once

#include <nghttp2/nghttp2.h>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <saker/http/context.hpp>

#include "core/deadline.hpp"
#include "core/loop_state.hpp"
#include "core/output_queue.hpp"
#include "core/root_task.hpp"
#include "http/body_pipe.hpp"
#include "http/data_rate.hpp"
#include "http/exchange.hpp"
#include "http2/head_builder.hpp"

namespace saker::http2 {

class connection;
class tunnel;

/// One stream of HTTP/2: a request and its answer, or the carrier of a tunnel.
///
/// Owner: its connection, until the stream is closed, its handler has ended and its tunnel is gone.
class stream final : public core::disposable,
                     public core::list_node<stream>,
                     private core::turn_task,
                     private core::task_listener,
                     private http::exchange,
                     private http::body_pipe::source {
 public:
  stream(connection& on, std::int32_t id);
  ~stream() override;

  std::int32_t id() const noexcept { return id_; }

  // What the client sends; the connection calls.
  head_builder* head() noexcept { return builder_.get(); }
  void begin_trailers();
  void on_head(bool end_of_stream);
  void on_trailers(bool end_of_stream);
  void on_data(std::span<std::byte> data);
  void on_end();
  /// The stream is closed, for nghttp2; `code` says why.
  void on_closed(std::uint32_t code);
  /// The connection is lost.
  void on_lost(std::error_code error);

  // What is sent; nghttp2 asks.
  ssize_t next_data(std::size_t most, std::uint32_t& flags);
  void send_data(std::span<const std::byte> frame_head, std::size_t size);
  void on_end_sent();

  // For its tunnel.
  std::string remote_endpoint() const override;
  void append_output(std::span<const std::byte> data);
  std::size_t output_size() const noexcept { return output_.size(); }
  void end_output();
  void consumed(std::size_t bytes);
  /// The owner of the tunnel has let go of it.
  void on_tunnel_gone(std::uint32_t code = NGHTTP2_INTERNAL_ERROR);

 private:
  /// Time limits that few streams need.
  struct time_limits : core::deadline {
    using core::deadline::deadline;
    http::data_rate body;
    http::data_rate response;
  };

  void on_turn_end() override;
  void begin_waiting_for_client();
  void on_task_done(std::exception_ptr exception) noexcept override;

  // http::exchange
  event_loop& loop() noexcept override;
  const http_limits& limits() const noexcept override;
  std::string_view scheme() const noexcept override;
  std::shared_ptr<const core::channel_security> security() const noexcept override;
  http::body_pipe* body() noexcept override { return body_.get(); }
  void write(http_response& response, std::span<const std::byte> data, bool last) override;
  bool congested() const noexcept override;
  void set_drain_waiter(std::coroutine_handle<> waiter) noexcept override;
  std::error_code connection_error() const noexcept override { return error_; }
  void abort() noexcept override;
  bool is_upgradable() const noexcept override;
  std::unique_ptr<core::byte_stream> upgrade(
      http_response& response, std::shared_ptr<http::upgraded_protocol> protocol) override;
  void on_upgraded_lost() noexcept override;

  // http::body_pipe::source
  void on_body_wanted() override;
  void on_body_taken() override { settle_body(); }

  void run_handler();
  void refuse_head();
  void push_body(std::span<const std::byte> data);
  void settle_body();
  void start_response(http_response& response, std::size_t known_size, bool last);
  void write_body(std::span<const std::byte> data);
  void finish_response(http_response& response);
  void answer_failure(const std::exception_ptr& exception);
  void submit_trailers();
  void reset(std::uint32_t code);
  void fail(std::error_code error);
  void wake_writer();
  void release_if_done();
  time_limits& limits_in_time();
  void check_rates();

  connection& connection_;
  const std::int32_t id_;
  bool running_ = false;
  bool read_ended_ = false;
  bool closed_ = false;
  bool deferred_ = false;
  bool output_ended_ = false;
  bool end_sent_ = false;
  bool no_body_ = false;
  bool head_request_ = false;
  bool continue_due_ = false;
  std::unique_ptr<head_builder> builder_;
  std::optional<http_context> context_;
  std::unique_ptr<http::body_pipe> body_;
  std::unique_ptr<std::vector<std::byte>> early_;  ///< Before an accept.
  tunnel* tunnel_ = nullptr;
  std::shared_ptr<http::upgraded_protocol> upgraded_;
  core::root_task task_;
  core::output_queue output_;
  std::size_t unconsumed_ = 0;  ///< Received and not taken.
  std::size_t to_credit_ = 0;   ///< Taken and not given back to the client's window.
  std::uint64_t body_bytes_ = 0;
  std::uint64_t sent_ = 0;
  std::optional<std::uint64_t> length_left_;
  std::unique_ptr<headers> trailers_;
  std::coroutine_handle<> drain_waiter_;
  std::error_code error_;
  std::unique_ptr<time_limits> timing_;
};

}  // namespace saker::http2
