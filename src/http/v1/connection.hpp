#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <saker/http/exchange/context.hpp>

#include "async/loop_state.hpp"
#include "async/root_task.hpp"
#include "async/turn_share.hpp"
#include "http/exchange/body_pipe.hpp"
#include "http/exchange/connection_options.hpp"
#include "http/exchange/data_rate.hpp"
#include "http/exchange/exchange.hpp"
#include "http/v1/request_reader.hpp"
#include "io/byte_stream.hpp"

namespace saker::http::v1 {

/// HTTP/1.0 and 1.1 on one byte stream: reads requests one after the other, runs the application
/// for each, writes the answers in order.
///
/// Owner: its loop (`start` hands it over); it lives until the stream ends, or is taken over, and
/// no handler of its own runs.
class connection final : public async::disposable,
                         private io::stream_handler,
                         private async::stoppable,
                         private async::task_listener,
                         private http::exchange,
                         private http::body_pipe::source,
                         private http::v1::body_sink {
 public:
  connection(std::unique_ptr<io::byte_stream> stream, const http::connection_options& options);
  ~connection() override;

  static void start(std::unique_ptr<io::byte_stream> stream,
                    const http::connection_options& options);

  void report_work(async::work_report& to) const override;

 private:
  /// What one read may bring of a body of which nobody knows where it ends.
  static constexpr std::size_t chunked_portion = 32 * 1024;
  /// What the client may owe where the limits do not say.
  static constexpr std::size_t most_owed_by_default = 64 * 1024;

  enum class phase { head, processing, draining };
  enum class framing { none, length, chunked, until_close };

  /// The time limit of the phase, what the rates are measured from, and the share of a turn.
  struct timing : async::deadline {
    explicit timing(connection& owner);

    async::renewed_share share;
    std::uint64_t body_bytes = 0;
    std::uint64_t unread_from = 0;  ///< Of them, when the handler had ended.
    http::data_rate body;           ///< Since it is wanted.
    /// Since there was seen to be something that the client had not taken.
    std::optional<http::data_rate> response;
    std::uint64_t looked_at = 0;             ///< When that was seen last, in ticks.
    std::chrono::milliseconds idle_rest{0};  ///< Of keep_alive_timeout, after the next look.
    std::uint64_t unsent = 0;                ///< Of the answer to HEAD, since its writer waited.
    std::uint64_t head_waits = 0;            ///< Ticks in which it has waited.
  };

  // io::stream_handler
  std::size_t on_read(std::span<std::byte> data) override;
  void on_read_end() override;
  void on_error(std::error_code error) override;
  void on_end_arrived(std::error_code error) override;
  void on_drained() override;
  std::size_t read_budget() const noexcept override;
  std::size_t body_budget(std::size_t room) const noexcept;

  // async::stoppable, async::task_listener
  void on_stopping() override;
  void on_task_done(std::exception_ptr exception) noexcept override;

  // http::exchange
  event_loop& loop() noexcept override { return loop_; }
  const http_limits& limits() const noexcept override { return options_.limits; }
  std::string_view scheme() const noexcept override { return security_ ? "https" : "http"; }
  std::string remote_endpoint() const override;
  std::string local_endpoint() const override;
  std::shared_ptr<const io::channel_security> security() const noexcept override {
    return security_;
  }
  http::body_pipe* body() noexcept override { return body_.get(); }
  void write(http_response& response, std::span<const std::byte> data, bool last) override;
  bool congested() const noexcept override;
  void set_drain_waiter(async::resumption* waiter) noexcept override;
  std::error_code connection_error() const noexcept override { return error_; }
  void abort() noexcept override;
  bool is_upgradable() const noexcept override;
  std::unique_ptr<io::byte_stream> upgrade(
      http_response& response, std::shared_ptr<http::upgraded_protocol> protocol) override;
  void on_upgraded_lost() noexcept override;

  // http::body_pipe::source, http::v1::body_sink
  void on_body_wanted() override;
  void on_body_taken() override;
  void on_body(std::span<const std::byte> data) override;

  std::size_t most_owed() const noexcept;
  bool owes_output() const noexcept;
  bool expects_body() const noexcept;
  void read_on();
  void note_peer_end();
  std::size_t read_head(std::span<const std::byte> data);
  std::size_t read_body(std::span<const std::byte> data);
  void start_request();
  void detach(task<void> work);
  void body_failed();
  void start_response(http_response& response, std::size_t known_size, bool last);
  void write_body(std::span<const std::byte> data);
  void finish_response(http_response& response);
  void write_last_chunk(const http_response& response);
  void answer_failure(const std::exception_ptr& exception);
  void refuse(const request_fault& fault, bool with_content);
  void end_request();
  void begin_next_request();
  bool can_drain() const;
  void wait_for_request();
  void wait_for_client();
  bool watch_client();
  void on_idle();
  void on_head_wait();
  void lost_to_slowness();
  void close();
  void lost(std::error_code error);
  void wake_writer();
  void release_if_idle();
  void on_deadline();
  void check_rates();
  bool body_is_slow();
  bool response_is_slow();
  bool is_time_to_look() const;

  event_loop& loop_;
  std::unique_ptr<io::byte_stream> stream_;
  const http::connection_options& options_;
  std::shared_ptr<const io::channel_security> security_;
  phase phase_ = phase::head;
  framing framing_ = framing::none;
  bool keep_alive_ = true;
  bool stopping_ = false;
  bool peer_ended_ = false;  ///< It sends no further request.
  bool head_request_ = false;
  bool continue_due_ = false;
  std::uint64_t length_left_ = 0;
  std::unique_ptr<request_reader> reader_;
  std::optional<http_context> context_;
  std::unique_ptr<http::body_pipe> body_;
  std::shared_ptr<http::upgraded_protocol> upgraded_;
  async::root_task task_;
  async::resumption* drain_waiter_ = nullptr;
  std::error_code error_;
  std::unique_ptr<timing> timing_;  ///< Until an upgrade.
};

}  // namespace saker::http::v1
