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

#include <saker/http/exchange/context.hpp>

#include "async/deadline.hpp"
#include "async/loop_state.hpp"
#include "async/root_task.hpp"
#include "http/exchange/body_pipe.hpp"
#include "http/exchange/data_rate.hpp"
#include "http/exchange/exchange.hpp"
#include "http/v2/head_builder.hpp"
#include "io/output_queue.hpp"

namespace saker::http::v2 {

class connection;
class tunnel;

/// One stream of HTTP/2: a request and its answer, or the carrier of a tunnel.
///
/// Owner: its connection, until the stream is closed, its handler has ended and its tunnel is gone.
class stream final : public async::disposable,
                     public async::list_node<stream>,
                     private async::task_listener,
                     private http::exchange {
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
  void look_at_rates(async::deadline_wheel& wheel) const;

  // What is sent; nghttp2 asks.
  ssize_t next_data(std::size_t most, std::uint32_t& flags);
  void send_data(std::span<const std::byte> frame_head, std::size_t size);
  void on_data_sent(bool end_of_stream);
  void on_end_sent();

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
  /// Time limits that few streams need.
  struct time_limits : async::deadline {
    using async::deadline::deadline;
    http::data_rate body;
    http::data_rate response;
    http::data_rate all;  ///< What the client takes on all streams meanwhile.
    bool response_is_watched = false;
  };

  /// What a tunnel, which may wait long, has no use for.
  struct plain_state final : async::turn_task, http::body_pipe::source {
    explicit plain_state(stream& of) noexcept : owner(of) {}
    void on_turn_end() override { owner.on_turn_end(); }
    void on_body_wanted() override { owner.on_body_wanted(); }
    void on_body_taken() override { owner.settle_body(); }

    stream& owner;
    bool starting = false;  ///< The handler runs at the end of the turn.
    bool no_body = false;
    bool head_request = false;
    bool continue_due = false;
    std::unique_ptr<http::body_pipe> body;
    std::vector<std::byte> early;  ///< Before an accept.
    std::uint64_t body_bytes = 0;
    std::uint64_t drained = 0;  ///< Of a body that nobody wants.
    std::uint64_t sent = 0;
    std::uint64_t unsent = 0;  ///< Of the answer to HEAD, which goes nowhere.
    std::optional<std::uint64_t> length_left;
    std::unique_ptr<headers> trailers;
    async::resumption* drain_waiter = nullptr;
    std::unique_ptr<time_limits> timing;
  };

  void on_turn_end();
  bool waits_for_client() const noexcept;
  void begin_waiting_for_client();
  void on_task_done(std::exception_ptr exception) noexcept override;

  // http::exchange
  event_loop& loop() noexcept override;
  const http_limits& limits() const noexcept override;
  std::string_view scheme() const noexcept override;
  std::shared_ptr<const io::channel_security> security() const noexcept override;
  http::body_pipe* body() noexcept override { return plain_ ? plain_->body.get() : nullptr; }
  void write(http_response& response, std::span<const std::byte> data, bool last) override;
  bool congested() const noexcept override;
  void set_drain_waiter(async::resumption* waiter) noexcept override;
  std::error_code connection_error() const noexcept override {
    if (error_ == std::errc::timed_out) return http::slow_client_error();
    return error_ == std::errc() ? std::error_code() : std::make_error_code(error_);
  }
  void abort() noexcept override;
  bool is_upgradable() const noexcept override;
  std::unique_ptr<io::byte_stream> upgrade(
      http_response& response, std::shared_ptr<http::upgraded_protocol> protocol) override;
  void on_upgraded_lost() noexcept override;

  void on_body_wanted();
  void run_handler();
  void detach(task<void> work);
  void forget_unstarted();
  void refuse_head();
  void push_body(std::span<const std::byte> data);
  void settle_body();
  void drain(std::size_t bytes);
  void forget_input();
  void start_response(http_response& response, std::size_t known_size, bool last);
  void discard(std::size_t bytes);
  void write_body(std::span<const std::byte> data);
  void finish_response(http_response& response);
  void answer_failure(const std::exception_ptr& exception);
  void submit_output();
  void submit_trailers();
  void reset(std::uint32_t code);
  void fail(std::errc error);
  void forget_output() noexcept;
  void wake_writer();
  void release_if_done();
  time_limits& limits_in_time();
  void check_rates();
  bool client_is_slow();
  bool body_is_slow();

  connection& connection_;
  const std::int32_t id_;
  bool running_ = false;
  bool read_ended_ = false;
  bool closed_ = false;
  std::uint32_t promised_ = 0;  ///< Bytes of output that nghttp2 has been told of, for one frame.
  bool data_submitted_ = false;
  bool data_ends_ = false;  ///< With the frame that is being sent.
  bool output_ended_ = false;
  bool end_sent_ = false;
  bool released_ = false;
  std::errc error_{};
  std::uint32_t unconsumed_ = 0;        ///< Received and not taken: within the stream's window.
  std::uint32_t to_credit_ = 0;         ///< Taken and not given back to the client's window.
  std::unique_ptr<plain_state> plain_;  ///< Until an accept.
  std::unique_ptr<http_context> context_;
  tunnel* tunnel_ = nullptr;
  std::shared_ptr<http::upgraded_protocol> upgraded_;
  async::root_task task_;
  io::output_queue output_;
};

}  // namespace saker::http::v2
