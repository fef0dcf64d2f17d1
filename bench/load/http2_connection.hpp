#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "echo_reader.hpp"
#include "latency.hpp"
#include "load_connection.hpp"
#include "message.hpp"
#include "poller.hpp"
#include "wire.hpp"

namespace saker_load {

/// WebSockets on the streams of one connection of HTTP/2 (RFC 8441), each message in a DATA frame
/// of its own, as browsers send them.
class http2_connection final : public load_connection {
 public:
  /// Connects and opens all streams.
  http2_connection(const arguments& options, const messages& sent, std::size_t streams);

  void watch(poller& events);

  // load_connection
  void send(std::size_t count) override;
  std::size_t on_readable(latencies& samples, bool send_again) override;
  void on_writable() override;
  std::size_t in_flight() const override { return in_flight_; }

  /// Blocking: one message on each stream, and back.
  void echo_once();

 private:
  struct stream {
    explicit stream(const messages& sent) : reader(sent) {}
    echo_reader reader;
    latency_probe probe;
    std::size_t in_flight = 0;
    std::size_t waiting = 0;  ///< Messages that the windows do not let out.
    std::int64_t window = 65'535;
    bool open = false;
  };
  struct inflater_deleter {
    void operator()(nghttp2_hd_inflater* inflater) const { nghttp2_hd_inflate_del(inflater); }
  };

  void open_streams(const arguments& options);
  void read_frames(std::string_view data);
  void on_frame(unsigned type, unsigned flags, std::uint32_t id, std::string_view payload);
  void on_settings(unsigned flags, std::string_view payload);
  void on_headers(std::uint32_t id, std::string_view block);
  void on_data(std::uint32_t id, std::string_view payload);
  void add_message(std::size_t index);
  void send_waiting();
  stream& at(std::uint32_t id);
  void flush();

  const messages& messages_;
  wire wire_;
  poller* events_ = nullptr;
  std::vector<stream> streams_;
  std::unique_ptr<nghttp2_hd_inflater, inflater_deleter> inflater_;
  std::string partial_;  ///< The begin of a frame.
  std::string outgoing_;
  std::size_t unsent_from_ = 0;
  std::int64_t window_ = 65'535;
  std::int64_t initial_window_ = 65'535;
  std::size_t received_ = 0;  ///< Not given back to the server's window.
  std::size_t in_flight_ = 0;
  std::size_t echoes_ = 0;
  std::size_t opened_ = 0;
  bool connect_allowed_ = false;
  bool watching_writable_ = false;
  latencies* samples_ = nullptr;
  bool send_again_ = false;
};

}  // namespace saker_load
