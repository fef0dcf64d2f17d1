#include "http/v2/connection.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "io/channel_security.hpp"
#include "observe/log.hpp"

namespace saker::http::v2 {
namespace {

constexpr std::size_t frame_head_size = 9;
/// Of the share of a turn.
constexpr std::size_t cost_of_frame = 16;
constexpr std::size_t cost_of_request = async::turn_share::request / 2;
constexpr std::size_t smallest_window = 16 * 1024;

std::uint8_t* bytes_in(std::span<std::byte> data) {
  return reinterpret_cast<std::uint8_t*>(data.data());
}

void append_number(std::vector<std::byte>& bytes, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::byte>(number >> shift));
  }
}

}  // namespace

connection::connection(std::unique_ptr<io::byte_stream> stream,
                       const http::connection_options& options)
    : loop_(stream->loop()),
      stream_(std::move(stream)),
      options_(options),
      security_(stream_->security()),
      session_(static_cast<session_events&>(*this), options.limits.http2),
      guard_(options.limits.http2, session_),
      clock_([](void* self) { static_cast<connection*>(self)->on_timer(); }, this, options.limits,
             loop_.state().deadlines()),
      share_([](void* self) { static_cast<connection*>(self)->read_on(); }, this) {
  stream_->set_handler(this);
  loop_.state().stoppables().push_back(*this);
  clock_.set();
  send_settings();
  if (loop_.state().is_stopping()) on_stopping();
}

connection::~connection() {
  // Handlers may use everything else while their frames go.
  std::vector<std::unique_ptr<stream>> gone;
  while (!streams_.all.empty()) gone.emplace_back(&streams_.all.pop_front());
  gone.clear();
}

void connection::start(std::unique_ptr<io::byte_stream> stream,
                       const http::connection_options& options) {
  auto& state = stream->loop().state();
  state.keep(std::make_unique<connection>(std::move(stream), options));
}

/// What differs from the defaults of RFC 9113, section 6.5.2, and that extended CONNECT is
/// understood (RFC 8441, section 3).
void connection::send_settings() {
  const auto& limits = options_.limits.http2;
  std::array<nghttp2_settings_entry, 6> entries;
  std::size_t count = 0;
  const auto add = [&](std::int32_t id, std::uint32_t value, std::uint32_t standard) {
    if (value != standard) entries[count++] = {id, value};
  };
  constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  constexpr std::uint32_t no_limit = std::numeric_limits<std::int32_t>::max();
  add(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, no_limit, none);
  add(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, limits.header_table_size, 4096);
  add(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, stream_window(), 65'535);
  add(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits.max_frame_size, 16'384);
  add(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
      static_cast<std::uint32_t>(
          std::min<std::size_t>(options_.limits.max_request_headers_total_size, no_limit)),
      none);
  add(NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1, 0);
  nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, entries.data(), count);
  session_.set_window(0, limits.initial_connection_window_size);

  // nghttp2 would end the connection for a stream too many, where RFC 9113, section 5.1.2, lets it
  // be refused. So nghttp2 is told of no limit and the client of the real one: the first setting of
  // the first frame.
  const std::uint8_t* data = nullptr;
  const auto size = nghttp2_session_mem_send(session_.get(), &data);
  const auto frame = std::as_bytes(std::span(data, static_cast<std::size_t>(size)));
  constexpr std::size_t value_at = frame_head_size + 2;
  std::vector<std::byte> announced(frame.begin(), frame.begin() + value_at);
  append_number(announced, limits.max_streams_per_connection);
  announced.insert(announced.end(), frame.begin() + value_at + 4, frame.end());
  stream_->write(announced);
  flush();
}

/// What is read ahead of a handler: of a body no more than `max_request_buffer_size`. But one
/// window is all that a client may send between two answers, so with a smaller one than this the
/// slowness that min_request_body_data_rate does not suffer would be ours.
std::uint32_t connection::stream_window() const noexcept {
  const auto most = std::max(options_.limits.max_request_buffer_size, smallest_window);
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(options_.limits.http2.initial_stream_window_size, most));
}

// Reading.

std::size_t connection::on_read(std::span<std::byte> data) {
  std::size_t used = 0;
  while (is_fine() && !owed_.stops_reading() && !share_.is_used_up() && used < data.size()) {
    const auto next = data.subspan(used, std::min(data.size() - used, portion));
    const auto size = known_part(next);
    used += size;
    if (!receive(next.first(size))) return data.size();
    if (owes_too_much()) flush();
  }
  if (!is_fine()) return data.size();
  if (clock_.has_open_headers()) {
    clock_.set();
  } else {
    head_.builder.reset();  // An idle connection holds none.
  }
  flush_later();
  return used;
}

/// When others have had their turn.
void connection::read_on() {
  streams_.all.for_each([](stream& each) { each.read_on(); });
  if (is_fine() && !owed_.stops_reading()) stream_->resume_reading();
}

/// DATA on streams that are not open are ignored by nghttp2, which tells nobody. Returns what of
/// the data can be read before the next of them is judged, or others have their turn.
std::size_t connection::known_part(std::span<const std::byte> data) {
  bool reset_before = false;
  frame_scanner::head head{};
  for (std::size_t at = 0; guard_.scanner().next(data, at, head);) {
    share_.take(loop_.state(), head.type == NGHTTP2_HEADERS ? cost_of_request : cost_of_frame);
    if (head.type == NGHTTP2_RST_STREAM) reset_before = true;
    const bool is_data = head.type == NGHTTP2_DATA && head.stream % 2 != 0;
    const bool open = is_data && session_.is_open(static_cast<std::int32_t>(head.stream));
    const bool unknown = is_data && (!open || reset_before);
    // What comes before it may open the stream, or close it.
    if ((unknown || share_.is_used_up()) && head.begin > 0) {
      guard_.scanner().go_back();
      return head.begin;
    }
    if (is_data && !open && head.stream <= guard_.highest_stream() &&
        !guard_.check_closed(head.stream, false, clock_.second())) {
      return at;
    }
  }
  return data.size();
}

/// False: the connection has ended.
bool connection::receive(std::span<std::byte> data) {
  const auto& fault = guard_.fault();
  if (fault.code != 0) {
    fail(fault.code, fault.text);
    return false;
  }
  const auto result = nghttp2_session_mem_recv(session_.get(), bytes_in(data), data.size());
  if (!stream_) return false;
  if (result >= 0) return true;
  switch (result) {
    case NGHTTP2_ERR_CALLBACK_FAILURE: fail(fault.code, fault.text); break;
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC: fail(NGHTTP2_PROTOCOL_ERROR, "A bad preface."); break;
    case NGHTTP2_ERR_NOMEM: fail(NGHTTP2_INTERNAL_ERROR, "Out of memory."); break;
    default: fail(NGHTTP2_ENHANCE_YOUR_CALM, nghttp2_strerror(static_cast<int>(result))); break;
  }
  return false;
}

void connection::on_read_end() {
  // Nobody who speaks HTTP/2 ends one side and waits for answers.
  lose_streams(std::errc::connection_reset);
  close();
}

void connection::on_error(std::error_code) { lose(std::errc::connection_reset); }

/// While reading is paused. When nothing reaches the client any more, nothing is owed to it either,
/// and reading goes on until the end.
void connection::on_end_arrived(std::error_code error) {
  owed_.note_peer_ended();
  if (!error) return;
  if (phase_ == phase::condemned) {
    lose(std::errc::connection_reset);  // There is nobody to be left alone.
    return;
  }
  owed_.note_lost();
  flush_later();
}

bool connection::on_frame_begun(const nghttp2_frame_hd& head) {
  clock_.note_frame();
  return guard_.check_frame(head, clock_.second());
}

bool connection::on_begin_headers(const nghttp2_frame& frame) {
  clock_.begin_headers();
  const auto id = frame.hd.stream_id;
  head_.to = nullptr;
  if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) {
    head_.to = session_.find(id);
  } else if (!admit(id)) {
    return false;
  }
  if (head_.builder && head_.to) {
    head_.builder->clear();
  } else if (head_.to) {
    head_.builder = std::make_unique<head_builder>(options_.limits);
  }
  return true;
}

/// Limits open streams (RFC 9113, section 5.1.2), and those that have been reset and still run.
bool connection::admit(std::int32_t id) {
  const auto most = options_.limits.http2.max_streams_per_connection;
  if (streams_.open >= most) {
    submit_reset(id, NGHTTP2_REFUSED_STREAM);
    return true;
  }
  if (streams_.size >= std::max<std::size_t>(2 * std::size_t{most}, 100)) {
    submit_reset(id, NGHTTP2_ENHANCE_YOUR_CALM);
    return guard_.count_refusal(clock_.second());
  }
  auto made = std::make_unique<stream>(*this, id);
  nghttp2_session_set_stream_user_data(session_.get(), id, made.get());
  head_.to = made.get();
  streams_.all.push_back(*made.release());
  ++streams_.open;
  ++streams_.size;
  clock_.end_idle();
  return true;
}

bool connection::on_header(std::string_view name, std::string_view value) {
  return !head_.to || head_.builder->add(name, value) != head_builder::verdict::excessive ||
         guard_.refuse(NGHTTP2_PROTOCOL_ERROR, "The request headers are far too large.");
}

bool connection::on_frame_received(const nghttp2_frame& frame) {
  const bool end = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
      clock_.end_headers();
      if (auto* const to = std::exchange(head_.to, nullptr)) {
        if (frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
          to->on_head(*head_.builder, end);
        } else {
          to->on_trailers(*head_.builder, end);
        }
      }
      return true;
    case NGHTTP2_DATA:
      if (auto* const to = end ? session_.find(frame.hd.stream_id) : nullptr) to->on_end();
      return true;
    case NGHTTP2_RST_STREAM: return guard_.count_reset(clock_.second());
    case NGHTTP2_SETTINGS:
      if (!(frame.hd.flags & NGHTTP2_FLAG_ACK)) owed_.owe_acknowledgement();
      return true;
    case NGHTTP2_PING:
      if (frame.hd.flags & NGHTTP2_FLAG_ACK) {
        clock_.note_ping_answered();
        if (phase_ == phase::shutting_down) send_final_goaway();
      } else {
        owed_.owe_acknowledgement();
      }
      return true;
    default: return true;
  }
}

void connection::on_data(stream& to, std::span<std::byte> data) { to.on_data(data); }

void connection::on_stream_closed(stream& closed, std::uint32_t code) {
  --streams_.open;
  if (head_.to == &closed) head_.to = nullptr;
  if (streams_.open == 0) {
    clock_.begin_idle();
    clock_.set();
  }
  closed.on_closed(code);
}

void connection::keep_input(std::size_t bytes) {
  if (session_.keep_input(bytes)) flush_later();
}

void connection::release_input(std::size_t bytes) {
  if (session_.release_input(bytes)) flush_later();
}

void connection::credit(std::int32_t id, std::size_t bytes) {
  if (!stream_) return;
  session_.credit(id, bytes);
  flush_later();
}

std::size_t connection::credit_step() const noexcept {
  return std::clamp<std::size_t>(stream_window() / 2, 1, largest_credit_step);
}

void connection::widen_window(std::int32_t id) {
  const auto window = options_.limits.http2.initial_stream_window_size;
  if (!stream_ || window <= stream_window()) return;
  session_.set_window(id, window);
  flush_later();
}

void connection::report_work(async::work_report& to) const {
  streams_.all.for_each([&](const stream& each) { each.report_work(to); });
}

}  // namespace saker::http::v2
