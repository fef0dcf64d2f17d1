#include "h2_session.hpp"

#include <algorithm>
#include <cstring>

#include "bodies.hpp"

namespace saker::simulation {

struct h2_callbacks {
  static h2_session& of(void* self) { return *static_cast<h2_session*>(self); }

  static h2_session::stream* find(void* self, std::int32_t id) {
    auto& streams = of(self).streams_;
    const auto found = streams.find(id);
    return found == streams.end() ? nullptr : &found->second;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                       std::uint8_t, void* self) {
    const std::string_view field(reinterpret_cast<const char*>(name), name_size);
    auto* const on = find(self, frame->hd.stream_id);
    if (on && field == ":status") {
      on->user->on_status(
          static_cast<int>(to_number({reinterpret_cast<const char*>(value), value_size})));
    }
    return 0;
  }

  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                     std::size_t size, void* self) {
    if (auto* const on = find(self, id)) {
      on->user->on_stream_data({reinterpret_cast<const char*>(data), size});
    }
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type == NGHTTP2_GOAWAY) of(self).gone_ = true;
    const bool can_end = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
    if (!can_end || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    if (auto* const on = find(self, frame->hd.stream_id)) on->user->on_stream_end();
    return 0;
  }

  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t error, void* self) {
    auto* const on = find(self, id);
    if (!on) return 0;
    auto* const user = on->user;
    of(self).streams_.erase(id);
    user->on_stream_closed(error);
    return 0;
  }

  static ssize_t read(nghttp2_session*, std::int32_t id, std::uint8_t* to, std::size_t most,
                      std::uint32_t* flags, nghttp2_data_source*, void* self) {
    auto* const on = find(self, id);
    if (!on) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const auto count = std::min(most, on->waiting.size());
    if (count == 0 && !on->ends) {
      on->deferred = true;
      return NGHTTP2_ERR_DEFERRED;
    }
    std::memcpy(to, on->waiting.data(), count);
    on->waiting.erase(0, count);
    if (on->waiting.empty() && on->ends) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }
};

h2_session::h2_session(link& over) : link_(over) {
  nghttp2_session_callbacks* calls = nullptr;
  nghttp2_session_callbacks_new(&calls);
  nghttp2_session_callbacks_set_on_header_callback(calls, h2_callbacks::on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, h2_callbacks::on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(calls, h2_callbacks::on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(calls, h2_callbacks::on_close);
  nghttp2_session_client_new(&session_, calls, this);
  nghttp2_session_callbacks_del(calls);
  const nghttp2_settings_entry window{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, over.how().window};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &window, 1);
  nghttp2_session_set_local_window_size(
      session_, NGHTTP2_FLAG_NONE, 0,
      static_cast<std::int32_t>(std::max(over.how().window, 65'535U)));
}

h2_session::~h2_session() { nghttp2_session_del(session_); }

std::int32_t h2_session::open(const fields& head, h2_stream_user& user, bool with_body) {
  std::vector<nghttp2_nv> list;
  for (const auto& [name, value] : head) {
    auto* const n = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data()));
    auto* const v = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data()));
    list.push_back({n, v, name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  nghttp2_data_provider provider{};
  provider.read_callback = h2_callbacks::read;
  const auto id = nghttp2_submit_request(session_, nullptr, list.data(), list.size(),
                                         with_body ? &provider : nullptr, nullptr);
  if (id < 0) return -1;
  streams_.emplace(id, stream{&user, {}});
  return id;
}

void h2_session::send(std::int32_t id, std::string_view data, bool end) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  auto& on = found->second;
  on.waiting += data;
  on.ends = on.ends || end;
  if (std::exchange(on.deferred, false)) nghttp2_session_resume_data(session_, id);
}

void h2_session::reset(std::int32_t id) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
}

bool h2_session::has_sent(std::int32_t id) const {
  const auto found = streams_.find(id);
  return found != streams_.end() && found->second.waiting.empty();
}

void h2_session::ping() { nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr); }

bool h2_session::ready() const noexcept {
  return nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) ==
         1;
}

bool h2_session::receive(std::string_view data) {
  const auto used = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
  flush();
  return used == static_cast<ssize_t>(data.size());
}

void h2_session::flush() {
  std::string all;
  for (;;) {
    const std::uint8_t* piece = nullptr;
    const auto size = nghttp2_session_mem_send(session_, &piece);
    if (size <= 0) break;
    all.append(reinterpret_cast<const char*>(piece), static_cast<std::size_t>(size));
  }
  link_.send(all);
}

}  // namespace saker::simulation
