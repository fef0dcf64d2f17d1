#pragma once

#include <nghttp2/nghttp2.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/raw_client.hpp"

namespace saker::testing {

struct h2_frame {
  unsigned type = 0;
  unsigned flags = 0;
  std::uint32_t stream = 0;
  std::string payload = {};

  /// As it is sent; another length can be announced.
  std::string bytes(std::optional<std::size_t> announced = {}) const;
};

namespace h2 {
constexpr unsigned data = 0, headers = 1, priority = 2, reset = 3, settings = 4, push_promise = 5,
                   ping = 6, goaway = 7, window_update = 8, continuation = 9;
constexpr unsigned ack = 1, end_stream = 1, end_headers = 4, padded = 8, has_priority = 0x20;
constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

using fields = std::vector<std::pair<std::string, std::string>>;

/// A header block in which every field is literal (RFC 7541, section 6.2.2).
std::string block(const fields& all);
std::string number(std::uint32_t value, int bytes = 4);
std::uint32_t read_number(std::string_view bytes);
/// One setting, as in the payload of SETTINGS.
std::string setting(unsigned id, std::uint32_t value);
fields get(std::string_view path = "/", std::string_view scheme = "http");
fields connect(std::string_view path, std::string_view scheme = "http");
}  // namespace h2

/// A client of HTTP/2 that sends exactly what it is told, frame by frame. It answers SETTINGS and
/// PING, and gives windows back, unless it is told not to.
///
/// Owner: the test. Thread rule: any; frames that come are taken in by whoever waits.
class h2_client {
 public:
  struct stream {
    h2::fields fields;    ///< Of the response.
    h2::fields trailers;  ///< Those after its data.
    h2::fields interim;   ///< Of the last 1xx before it.
    std::string data;
    std::size_t received = 0;
    bool has_head = false;
    bool ended = false;
    std::optional<std::uint32_t> reset;
    std::int64_t window = 65'535;  ///< What may be sent.

    bool is_over() const { return ended || reset; }
    std::string field(std::string_view name) const;
    std::string status() const { return field(":status"); }
  };
  struct goaway {
    std::uint32_t last_stream = 0;
    std::uint32_t code = 0;
    std::string text = {};
  };

  /// Sends the preface and its SETTINGS, and waits for those of the server.
  static std::shared_ptr<h2_client> connect(std::uint16_t port, bool tls = false,
                                            const std::string& settings = {});
  /// Sends nothing by itself.
  explicit h2_client(raw_client connection);
  ~h2_client();

  raw_client& raw() noexcept { return connection_; }
  void send(const h2_frame& frame) { send_bytes(frame.bytes()); }
  void send_bytes(std::string_view bytes);
  /// As much as the server takes; false when it has ended the connection.
  bool try_send_bytes(std::string_view bytes) {
    const std::scoped_lock lock(sending_);
    return connection_.try_send_all(bytes);
  }

  /// Sends HEADERS on the next stream.
  std::uint32_t request(const h2::fields& fields, bool end_of_stream = true);
  std::uint32_t next_stream() noexcept { return std::exchange(next_stream_, next_stream_ + 2); }
  /// Sends DATA as the windows allow, waiting for them.
  void send_data(std::uint32_t id, std::string_view data, bool end_of_stream = false);

  /// Takes frames in until the condition holds.
  void wait_until(const std::function<bool()>& condition,
                  std::chrono::milliseconds limit = patience);
  stream& at(std::uint32_t id);
  /// Waits for the answer's head.
  stream& head(std::uint32_t id);
  /// Waits for the end of the stream, in order or not.
  stream& finished(std::uint32_t id);
  goaway expect_goaway();
  /// Expects GOAWAY with that code and then the end of the connection.
  void expect_connection_error(std::uint32_t code);
  void expect_reset(std::uint32_t id, std::uint32_t code);
  /// Sends PING and waits for its answer: the server has handled all that came before.
  void round_trip();

  const std::map<unsigned, std::uint32_t>& server_settings() const { return server_settings_; }
  std::int64_t window() const noexcept { return window_; }
  /// Frames of every type, in their order.
  std::vector<h2_frame> log();
  void answer_last_ping();

  // For conditions, and for when nobody waits.
  const std::vector<goaway>& goaways_unlocked() const { return goaways_; }
  bool is_closed_unlocked() const noexcept { return closed_; }
  stream& at_unlocked(std::uint32_t id) { return streams_[id]; }
  const std::vector<h2_frame>& log_unlocked() const { return log_; }

  bool gives_windows_back = true;
  bool answers_pings = true;

  std::mutex& mutex() noexcept { return mutex_; }

 private:
  struct inflater_deleter {
    void operator()(nghttp2_hd_inflater* inflater) const { nghttp2_hd_inflate_del(inflater); }
  };

  void take(h2_frame frame);
  void take_settings(const h2_frame& frame);
  void take_headers(const h2_frame& frame);
  void take_data(const h2_frame& frame);
  h2::fields inflate(std::string_view block);

  raw_client connection_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool taking_ = false;
  std::mutex sending_;
  std::unique_ptr<nghttp2_hd_inflater, inflater_deleter> inflater_;
  std::map<std::uint32_t, stream> streams_;
  std::map<unsigned, std::uint32_t> server_settings_;
  std::vector<h2_frame> log_;
  std::vector<goaway> goaways_;
  std::int64_t window_ = 65'535;
  std::int64_t initial_window_ = 65'535;
  std::uint32_t next_stream_ = 1;
  std::size_t pongs_ = 0;
  std::string last_ping_;
  bool has_settings_ = false;
  bool closed_ = false;
};

/// One stream of it, as bytes.
class h2_channel final : public byte_channel {
 public:
  h2_channel(std::shared_ptr<h2_client> client, std::uint32_t id)
      : client_(std::move(client)), id_(id) {}

  void send_all(std::string_view bytes) override { client_->send_data(id_, bytes); }
  std::string read_exactly(std::size_t size, std::chrono::milliseconds limit = patience) override;
  std::string read_to_eof(std::chrono::milliseconds limit = patience) override;

  h2_client& client() noexcept { return *client_; }
  std::uint32_t id() const noexcept { return id_; }

 private:
  bool take_all(h2_client::stream& from);

  std::shared_ptr<h2_client> client_;
  std::uint32_t id_;
  std::string taken_;
  std::size_t used_ = 0;  ///< Of what was taken.
};

}  // namespace saker::testing
