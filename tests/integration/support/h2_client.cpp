#include "support/h2_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace saker::testing {

std::string h2::number(std::uint32_t value, int bytes) {
  std::string text;
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    text += static_cast<char>(value >> shift);
  }
  return text;
}

std::uint32_t h2::read_number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::string h2::setting(unsigned id, std::uint32_t value) { return number(id, 2) + number(value); }

std::string h2::block(const fields& all) {
  // An integer with a prefix of seven bits (RFC 7541, section 5.1).
  const auto length = [](std::size_t size) {
    std::string text;
    if (size < 127) return text += static_cast<char>(size);
    text += '\x7f';
    for (size -= 127; size >= 128; size /= 128) text += static_cast<char>(size % 128 + 128);
    return text += static_cast<char>(size);
  };
  std::string text;
  for (const auto& [name, value] : all) {
    text += '\0';
    text += length(name.size()) + name + length(value.size()) + value;
  }
  return text;
}

h2::fields h2::get(std::string_view path, std::string_view scheme) {
  return {{":method", "GET"},
          {":scheme", std::string(scheme)},
          {":path", std::string(path)},
          {":authority", "localhost"}};
}

h2::fields h2::connect(std::string_view path, std::string_view scheme) {
  return {{":method", "CONNECT"},           {":protocol", "websocket"},
          {":scheme", std::string(scheme)}, {":path", std::string(path)},
          {":authority", "localhost"},      {"sec-websocket-version", "13"}};
}

std::string h2_frame::bytes(std::optional<std::size_t> announced) const {
  return h2::number(static_cast<std::uint32_t>(announced.value_or(payload.size())), 3) +
         h2::number(type, 1) + h2::number(flags, 1) + h2::number(stream) + payload;
}

std::string h2_client::stream::field(std::string_view name) const {
  for (const auto& [each, value] : fields) {
    if (each == name) return value;
  }
  return {};
}

std::shared_ptr<h2_client> h2_client::connect(std::uint16_t port, bool tls,
                                              const std::string& settings) {
  auto client = std::make_shared<h2_client>(tls ? raw_client::connect_tls(port, {.protocol = "h2"})
                                                : raw_client::connect(port));
  client->send_bytes(std::string(h2::preface) +
                     h2_frame{.type = h2::settings, .payload = settings}.bytes());
  client->wait_until([&] { return client->has_settings_; });
  return client;
}

h2_client::h2_client(raw_client connection) : connection_(std::move(connection)) {
  nghttp2_hd_inflater* made = nullptr;
  if (nghttp2_hd_inflate_new(&made) != 0) throw std::runtime_error("h2_client: out of memory");
  inflater_.reset(made);
}

h2_client::~h2_client() = default;

void h2_client::send_bytes(std::string_view bytes) {
  const std::scoped_lock lock(sending_);
  connection_.send_all(bytes);
}

std::uint32_t h2_client::request(const h2::fields& fields, bool end_of_stream) {
  const auto id = next_stream();
  at(id);
  send({.type = h2::headers,
        .flags = h2::end_headers | (end_of_stream ? h2::end_stream : 0),
        .stream = id,
        .payload = h2::block(fields)});
  return id;
}

h2_client::stream& h2_client::at(std::uint32_t id) {
  const std::scoped_lock lock(mutex_);
  const auto [found, made] = streams_.try_emplace(id);
  if (made) found->second.window = initial_window_;
  return found->second;
}

void h2_client::send_data(std::uint32_t id, std::string_view data, bool end_of_stream) {
  constexpr std::int64_t largest = 16'384;
  auto& to = at(id);
  do {
    std::int64_t count = 0;
    wait_until([&] {
      count = std::min({largest, to.window, window_, static_cast<std::int64_t>(data.size())});
      if (to.is_over() || closed_) return true;
      if (count <= 0 && !data.empty()) return false;
      to.window -= count;
      window_ -= count;
      return true;
    });
    if (to.is_over() || closed_) throw std::runtime_error("h2_client: the stream has ended");
    const auto piece = data.substr(0, static_cast<std::size_t>(count));
    data.remove_prefix(piece.size());
    send({.type = h2::data,
          .flags = data.empty() && end_of_stream ? h2::end_stream : 0,
          .stream = id,
          .payload = std::string(piece)});
  } while (!data.empty());
}

void h2_client::wait_until(const std::function<bool()>& condition,
                           std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::unique_lock lock(mutex_);
  while (!condition()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) throw std::runtime_error("h2_client: it has not come in time");
    if (taking_) {
      changed_.wait_for(lock, left);
      continue;
    }
    if (closed_) throw std::runtime_error("h2_client: the server has ended the connection");
    taking_ = true;
    lock.unlock();
    h2_frame frame;
    bool ended = false;
    std::string failure;
    try {
      const auto head = connection_.read_exactly(9, left);
      frame.type = static_cast<unsigned char>(head[3]);
      frame.flags = static_cast<unsigned char>(head[4]);
      frame.stream = h2::read_number(std::string_view(head).substr(5)) & 0x7fffffff;
      frame.payload =
          connection_.read_exactly(h2::read_number(std::string_view(head).substr(0, 3)), left);
    } catch (const std::runtime_error& error) {
      failure = error.what();
      ended = failure.find("the connection ended") != std::string::npos;
    }
    lock.lock();
    taking_ = false;
    if (ended) {
      closed_ = true;
    } else if (failure.empty()) {
      take(std::move(frame));
    }
    changed_.notify_all();
    if (!failure.empty() && !ended) throw std::runtime_error(failure);
  }
}

void h2_client::take(h2_frame frame) {
  switch (frame.type) {
    case h2::data: take_data(frame); break;
    case h2::headers: take_headers(frame); break;
    case h2::reset: streams_[frame.stream].reset = h2::read_number(frame.payload); break;
    case h2::settings: take_settings(frame); break;
    case h2::ping:
      if (frame.flags & h2::ack) {
        ++pongs_;
        break;
      }
      last_ping_ = frame.payload;
      if (answers_pings) {
        send({.type = h2::ping, .flags = h2::ack, .payload = frame.payload});
      }
      break;
    case h2::goaway: {
      const std::string_view payload = frame.payload;
      goaways_.push_back({h2::read_number(payload.substr(0, 4)),
                          h2::read_number(payload.substr(4, 4)), std::string(payload.substr(8))});
      break;
    }
    case h2::window_update:
      (frame.stream == 0 ? window_ : streams_[frame.stream].window) +=
          h2::read_number(frame.payload);
      break;
    default: break;
  }
  log_.push_back(std::move(frame));
}

void h2_client::take_settings(const h2_frame& frame) {
  if (frame.flags & h2::ack) return;
  for (std::string_view rest = frame.payload; rest.size() >= 6; rest.remove_prefix(6)) {
    server_settings_[h2::read_number(rest.substr(0, 2))] = h2::read_number(rest.substr(2, 4));
  }
  if (const auto found = server_settings_.find(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE);
      found != server_settings_.end()) {
    for (auto& [id, each] : streams_) each.window += found->second - initial_window_;
    initial_window_ = found->second;
  }
  has_settings_ = true;
  send({.type = h2::settings, .flags = h2::ack});
}

void h2_client::take_headers(const h2_frame& frame) {
  auto& to = streams_[frame.stream];
  EXPECT_TRUE(frame.flags & h2::end_headers) << "an answer in several frames";
  auto fields = inflate(frame.payload);
  if (to.has_head) {
    to.trailers = std::move(fields);
  } else if (fields.at(0).second.starts_with('1')) {
    to.interim = std::move(fields);
  } else {
    to.fields = std::move(fields);
    to.has_head = true;
  }
  if (frame.flags & h2::end_stream) to.ended = true;
}

void h2_client::take_data(const h2_frame& frame) {
  auto& to = streams_[frame.stream];
  to.data += frame.payload;
  to.received += frame.payload.size();
  if (frame.flags & h2::end_stream) to.ended = true;
  if (!gives_windows_back || frame.payload.empty()) return;
  const auto increment = h2::number(static_cast<std::uint32_t>(frame.payload.size()));
  auto updates = h2_frame{.type = h2::window_update, .payload = increment}.bytes();
  if (!to.ended) {
    updates +=
        h2_frame{.type = h2::window_update, .stream = frame.stream, .payload = increment}.bytes();
  }
  try_send_bytes(updates);
}

h2::fields h2_client::inflate(std::string_view block) {
  h2::fields result;
  for (;;) {
    nghttp2_nv field;
    int flags = 0;
    const auto used = nghttp2_hd_inflate_hd2(inflater_.get(), &field, &flags,
                                             reinterpret_cast<const std::uint8_t*>(block.data()),
                                             block.size(), 1);
    if (used < 0) throw std::runtime_error("h2_client: a header block that cannot be read");
    block.remove_prefix(static_cast<std::size_t>(used));
    if (flags & NGHTTP2_HD_INFLATE_EMIT) {
      result.emplace_back(std::string(reinterpret_cast<const char*>(field.name), field.namelen),
                          std::string(reinterpret_cast<const char*>(field.value), field.valuelen));
    }
    if (flags & NGHTTP2_HD_INFLATE_FINAL) break;
  }
  nghttp2_hd_inflate_end_headers(inflater_.get());
  return result;
}

h2_client::stream& h2_client::head(std::uint32_t id) {
  auto& found = at(id);
  wait_until([&] { return found.has_head || found.is_over(); });
  return found;
}

h2_client::stream& h2_client::finished(std::uint32_t id) {
  auto& found = at(id);
  wait_until([&] { return found.is_over(); });
  return found;
}

h2_client::goaway h2_client::expect_goaway() {
  wait_until([&] { return !goaways_.empty(); });
  return goaways_.front();
}

void h2_client::expect_connection_error(std::uint32_t code) {
  wait_until([&] { return closed_; });
  ASSERT_FALSE(goaways_.empty()) << "no GOAWAY came";
  EXPECT_EQ(goaways_.back().code, code) << goaways_.back().text;
}

void h2_client::expect_reset(std::uint32_t id, std::uint32_t code) {
  auto& found = at(id);
  wait_until([&] { return found.reset.has_value(); });
  EXPECT_EQ(*found.reset, code);
}

void h2_client::round_trip() {
  std::size_t before = 0;
  {
    const std::scoped_lock lock(mutex_);
    before = pongs_;
  }
  send({.type = h2::ping, .payload = "12345678"});
  wait_until([&] { return pongs_ > before; });
}

void h2_client::answer_last_ping() {
  send({.type = h2::ping, .flags = h2::ack, .payload = last_ping_});
}

std::vector<h2_frame> h2_client::log() {
  const std::scoped_lock lock(mutex_);
  return log_;
}

std::string h2_channel::read_exactly(std::size_t size, std::chrono::milliseconds limit) {
  auto& from = client_->at(id_);
  while (taken_.size() - used_ < size) {
    client_->wait_until([&] { return !from.data.empty() || from.is_over(); }, limit);
    if (!take_all(from)) throw std::runtime_error("h2_channel: the stream has ended");
  }
  auto result = taken_.substr(used_, size);
  used_ += size;
  return result;
}

std::string h2_channel::read_to_eof(std::chrono::milliseconds limit) {
  auto& from = client_->at(id_);
  client_->wait_until([&] { return from.is_over(); }, limit);
  take_all(from);
  return std::exchange(taken_, {}).substr(std::exchange(used_, 0));
}

/// At once, since a server may send megabytes faster than frame by frame can be read. False: there
/// is nothing.
bool h2_channel::take_all(h2_client::stream& from) {
  const std::scoped_lock lock(client_->mutex());
  taken_.erase(0, std::exchange(used_, 0));
  taken_ += from.data;
  return !std::exchange(from.data, {}).empty();
}

}  // namespace saker::testing
