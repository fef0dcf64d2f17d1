#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "async/loop_state.hpp"
#include "http/exchange/exchange.hpp"
#include "http/v1/timing.hpp"
#include "io/byte_stream.hpp"

namespace saker::http::v1 {

/// HTTP/1.0 and 1.1 on one byte stream: reads requests one after the other, has an exchange for
/// each, writes the answers in order.
///
/// Owner: its loop (`start` hands it over); it lives until the stream ends, or is taken over, and
/// no handler of its own runs.
class connection final : public async::disposable,
                         private io::stream_handler,
                         private async::stoppable,
                         private carrier {
 public:
  connection(std::unique_ptr<io::byte_stream> stream, const connection_options& options);
  ~connection() override;

  static void start(std::unique_ptr<io::byte_stream> stream, const connection_options& options);

  void report_work(async::work_report& to) const override;

 private:
  /// What one read may bring of a body of which nobody knows where it ends.
  static constexpr std::size_t chunked_portion = 32 * 1024;
  /// What the client may owe where the limits do not say.
  static constexpr std::size_t most_owed_by_default = 64 * 1024;

  enum class phase : std::uint8_t { head, processing, draining };

  // io::stream_handler
  std::size_t on_read(std::span<std::byte> data) override;
  void on_read_end() override;
  void on_error(std::error_code error) override { lost(error); }
  void on_end_arrived(std::error_code error) override;
  void on_drained() override;
  std::size_t read_budget() const noexcept override;
  std::size_t body_budget(std::size_t room) const noexcept;

  // async::stoppable
  void on_stopping() override;

  // http::carrier
  event_loop& loop() noexcept override { return loop_; }
  const connection_options& options() const noexcept override { return options_; }
  const std::shared_ptr<const io::channel_security>& security() const noexcept override {
    return security_;
  }
  std::string remote_endpoint() const override { return io::remote_endpoint_of(stream_.get()); }
  std::string local_endpoint() const override { return io::local_endpoint_of(stream_.get()); }
  void send_head(const http_response& response, const content_size& content) override;
  void send_content(std::span<const std::byte> data) override;
  void send_end(const headers* trailers) override;
  void send_continue() override;
  std::size_t queued() const noexcept override { return stream_ ? noted_queued() : 0; }
  void await_room() override;
  void on_body_taken() override;
  void abort(std::errc error) noexcept override { lost(std::make_error_code(error)); }
  std::unique_ptr<io::byte_stream> release_stream() override;
  async::task_listener* on_detached() noexcept override;
  void on_exchange_done() noexcept override;

  async::loop_state& state() noexcept { return loop_.state(); }
  std::size_t most_owed() const noexcept;
  bool owes_output() const noexcept { return stream_ && noted_queued() >= most_owed(); }
  bool expects_body() const noexcept;
  struct body_receiver;

  void on_body(std::span<const std::byte> data);
  void read_on();
  std::size_t read_head(std::span<const std::byte> data);
  std::size_t read_body(std::span<const std::byte> data);
  void start_request();
  void append_framing(std::string& head, const content_size& content);
  void append_persistence(std::string& head, const headers& fields);
  void refuse(const request_fault& fault, bool with_content);
  void end_request();
  void begin_next_request();
  bool can_drain() const;
  void wait_for_request();
  bool watch_client();
  bool client_is_slow();
  void on_idle();
  void lose_slow_client();
  void check_client();
  void close();
  void lost(std::error_code error);
  void release_if_idle();
  void on_deadline();

  event_loop& loop_;
  std::unique_ptr<io::byte_stream> stream_;
  const connection_options& options_;
  std::shared_ptr<const io::channel_security> security_;
  phase phase_ = phase::head;
  bool keep_alive_ = true;
  bool chunked_ = false;              ///< The response.
  bool peer_ended_ = false;           ///< It sends no further request.
  std::optional<exchange> exchange_;  ///< While its handler runs.
  std::unique_ptr<timing> timing_;    ///< Of requests: until an upgrade.
};

}  // namespace saker::http::v1
