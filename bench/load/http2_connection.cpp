#include "http2_connection.hpp"

#include <algorithm>
#include <utility>

#include "http2_frames.hpp"
#include "load_error.hpp"

namespace saker_load {

namespace {

constexpr std::size_t largest_window = 0x7fffffff;
constexpr std::size_t window_step = 1 << 20;

using http2::append_field;
using http2::append_head;
using http2::append_number;
using http2::read_number;

std::uint32_t stream_id(std::size_t index) { return static_cast<std::uint32_t>(2 * index + 1); }

}  // namespace

http2_connection::http2_connection(const arguments& options, const messages& sent,
                                   std::size_t streams)
    : messages_(sent), wire_(options) {
  streams_.reserve(streams);
  while (streams_.size() < streams) streams_.emplace_back(sent);
  nghttp2_hd_inflater* made = nullptr;
  if (nghttp2_hd_inflate_new(&made) != 0) throw load_error("out of memory");
  inflater_.reset(made);

  std::string hello(http2::preface);
  append_head(hello, 6, http2::settings, 0, 0);
  append_number(hello, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 2);
  append_number(hello, largest_window, 4);
  append_head(hello, 4, http2::window_update, 0, 0);
  append_number(hello, largest_window - 65'535, 4);
  wire_.send_all(hello);
  open_streams(options);
}

void http2_connection::watch(poller& events) {
  events_ = &events;
  events.add(wire_.get(), static_cast<load_connection*>(this));
}

void http2_connection::open_streams(const arguments& options) {
  const auto read_some = [&] {
    const auto data = wire_.receive_some();
    if (data.empty()) throw load_error("the server closed a connection");
    read_frames(data);
    if (!outgoing_.empty()) wire_.send_all(std::exchange(outgoing_, {}));
  };
  while (!connect_allowed_) read_some();
  std::string block;
  append_field(block, ":method", "CONNECT");
  append_field(block, ":protocol", "websocket");
  append_field(block, ":scheme", options.tls ? "https" : "http");
  append_field(block, ":path", options.url.path);
  append_field(block, ":authority", options.url.host + ":" + std::to_string(options.url.port));
  append_field(block, "sec-websocket-version", "13");
  std::string requests;
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    append_head(requests, block.size(), http2::headers, http2::end_headers, stream_id(i));
    requests += block;
    streams_[i].window = initial_window_;
  }
  wire_.send_all(requests);
  while (opened_ < streams_.size()) read_some();
}

void http2_connection::echo_once() {
  echoes_ = 0;
  send_again_ = false;
  for (std::size_t i = 0; i < streams_.size(); ++i) add_message(i);
  wire_.send_all(std::exchange(outgoing_, {}));
  while (echoes_ < streams_.size()) {
    const auto data = wire_.receive_some();
    if (data.empty()) throw load_error("the server closed a connection");
    read_frames(data);
    if (!outgoing_.empty()) wire_.send_all(std::exchange(outgoing_, {}));
  }
}

void http2_connection::send(std::size_t count) {
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    for (std::size_t n = 0; n < count; ++n) add_message(i);
    streams_[i].probe.sent(streams_[i].in_flight);
  }
  flush();
}

void http2_connection::add_message(std::size_t index) {
  auto& to = streams_[index];
  ++to.in_flight;
  ++in_flight_;
  ++to.waiting;
  const auto size = static_cast<std::int64_t>(messages_.wire_size(0));
  while (to.waiting > 0 && to.window >= size && window_ >= size) {
    --to.waiting;
    to.window -= size;
    window_ -= size;
    append_head(outgoing_, static_cast<std::size_t>(size), http2::data, 0, stream_id(index));
    outgoing_ += messages_.wire(0, static_cast<std::size_t>(size));
  }
}

/// The windows have grown.
void http2_connection::send_waiting() {
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    if (streams_[i].waiting == 0) continue;
    --streams_[i].waiting;
    --streams_[i].in_flight;
    --in_flight_;
    add_message(i);
  }
}

std::size_t http2_connection::on_readable(latencies& samples, bool send_again) {
  const auto received = wire_.receive_now();
  if (received.end_of_stream()) throw load_error("the server closed a connection");
  samples_ = &samples;
  send_again_ = send_again;
  echoes_ = 0;
  read_frames(received.data);
  samples_ = nullptr;
  flush();
  return echoes_;
}

void http2_connection::on_writable() { flush(); }

void http2_connection::flush() {
  wire_.flush();
  if (!outgoing_.empty()) {
    const auto rest = std::string_view(outgoing_).substr(unsent_from_);
    unsent_from_ += wire_.send_now(rest);
    if (unsent_from_ == outgoing_.size()) {
      outgoing_.clear();
      unsent_from_ = 0;
    }
  }
  const bool blocked = !outgoing_.empty() || wire_.is_blocked();
  if (blocked != watching_writable_)
    events_->watch_writable(wire_.get(), static_cast<load_connection*>(this), blocked);
  watching_writable_ = blocked;
}

void http2_connection::read_frames(std::string_view data) {
  std::string joined;
  if (!partial_.empty()) {
    joined = std::exchange(partial_, {});
    joined += data;
    data = joined;
  }
  while (data.size() >= http2::head_size) {
    const auto length = read_number(data.substr(0, 3));
    if (data.size() < http2::head_size + length) break;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(data[i]); };
    on_frame(byte(3), byte(4), read_number(data.substr(5, 4)) & 0x7fffffff,
             data.substr(http2::head_size, length));
    data.remove_prefix(http2::head_size + length);
  }
  partial_ = data;
}

void http2_connection::on_frame(unsigned type, unsigned flags, std::uint32_t id,
                                std::string_view payload) {
  switch (type) {
    case http2::data:
      if ((flags & http2::end_stream) != 0) throw load_error("the server ended a stream");
      on_data(id, payload);
      break;
    case http2::headers:
      if ((flags & http2::end_headers) == 0) throw load_error("an answer in several frames");
      on_headers(id, payload);
      break;
    case http2::reset:
      throw load_error("the server reset a stream: " + std::to_string(read_number(payload)));
    case http2::settings: on_settings(flags, payload); break;
    case http2::ping:
      if ((flags & http2::ack) != 0) break;
      append_head(outgoing_, payload.size(), http2::ping, http2::ack, 0);
      outgoing_ += payload;
      break;
    case http2::goaway: throw load_error("the server ended a connection");
    case http2::window_update:
      (id == 0 ? window_ : at(id).window) += read_number(payload);
      send_waiting();
      break;
    default: break;
  }
}

void http2_connection::on_settings(unsigned flags, std::string_view payload) {
  if ((flags & http2::ack) != 0) return;
  constexpr std::size_t setting_size = 6;
  for (; payload.size() >= setting_size; payload.remove_prefix(setting_size)) {
    const auto value = read_number(payload.substr(2, 4));
    switch (read_number(payload.substr(0, 2))) {
      case NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL: connect_allowed_ = value == 1; break;
      case NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE:
        for (auto& each : streams_) each.window += std::int64_t{value} - initial_window_;
        initial_window_ = value;
        break;
      default: break;
    }
  }
  append_head(outgoing_, 0, http2::settings, http2::ack, 0);
}

void http2_connection::on_headers(std::uint32_t id, std::string_view block) {
  std::string status;
  bool ended = false;
  while (!ended) {
    nghttp2_nv field;
    int flags = 0;
    const auto used = nghttp2_hd_inflate_hd2(inflater_.get(), &field, &flags,
                                             reinterpret_cast<const std::uint8_t*>(block.data()),
                                             block.size(), 1);
    if (used < 0) throw load_error("a header block that cannot be read");
    block.remove_prefix(static_cast<std::size_t>(used));
    const std::string_view name(reinterpret_cast<const char*>(field.name), field.namelen);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0 && name == ":status") {
      status.assign(reinterpret_cast<const char*>(field.value), field.valuelen);
    }
    ended = (flags & NGHTTP2_HD_INFLATE_FINAL) != 0;
  }
  nghttp2_hd_inflate_end_headers(inflater_.get());
  if (status != "200") throw load_error("handshake refused: " + status);
  if (std::exchange(at(id).open, true)) throw load_error("a second answer");
  ++opened_;
}

void http2_connection::on_data(std::uint32_t id, std::string_view payload) {
  auto& from = at(id);
  received_ += payload.size();
  if (received_ >= window_step) {
    append_head(outgoing_, 4, http2::window_update, 0, 0);
    append_number(outgoing_, std::exchange(received_, 0), 4);
  }
  const auto echoes = from.reader.read(payload);
  if (echoes > from.in_flight) throw load_error("more echoes than messages");
  if (const auto status = from.reader.close_status()) {
    throw load_error("the server sent Close " + std::to_string(*status));
  }
  if (echoes == 0) return;
  from.in_flight -= echoes;
  in_flight_ -= echoes;
  echoes_ += echoes;
  if (samples_) from.probe.received(echoes, *samples_);
  if (!send_again_) return;
  for (std::size_t i = 0; i < echoes; ++i) add_message((id - 1) / 2);
  from.probe.sent(from.in_flight);
}

http2_connection::stream& http2_connection::at(std::uint32_t id) {
  const auto index = (id - 1) / 2;
  if (id % 2 == 0 || index >= streams_.size()) throw load_error("a frame on an unknown stream");
  return streams_[index];
}

}  // namespace saker_load
