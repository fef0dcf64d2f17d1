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
/// Windows are given back in steps: each WINDOW_UPDATE that is saved is a frame less.
constexpr std::size_t largest_credit_step = 16 * 1024;
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
      share_([](void* self) { static_cast<connection*>(self)->read_on(); }, this),
      ids_(options.limits.http2.max_streams_per_connection),
      resets_(options.limits.http2.stream_reset_burst, options.limits.http2.stream_reset_rate),
      control_frames_(options.limits.http2.control_frame_burst,
                      options.limits.http2.control_frame_rate),
      timer_([](void* self) { static_cast<connection*>(self)->on_timer(); }, this) {
  stream_->set_handler(this);
  loop_.state().stoppables().push_back(*this);
  last_frame_ = idle_since_ = now();
  set_timer();
  send_settings();
  if (loop_.state().is_stopping()) on_stopping();
}

connection::~connection() {
  // Handlers may use everything else while their frames go.
  std::vector<std::unique_ptr<stream>> gone;
  while (!streams_.empty()) gone.emplace_back(&streams_.pop_front());
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
  nghttp2_session_set_local_window_size(
      session_.get(), NGHTTP2_FLAG_NONE, 0,
      static_cast<std::int32_t>(limits.initial_connection_window_size));

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
  while (stream_ && !condemned_ && !reading_paused_ && !share_.is_used_up() && used < data.size()) {
    const auto next = data.subspan(used, std::min(data.size() - used, portion));
    const auto size = known_part(next);
    used += size;
    if (!receive(next.first(size))) return data.size();
    if (owes_too_much()) flush();
  }
  if (!stream_ || condemned_) return data.size();
  if (headers_since_ != 0) {
    set_timer();
  } else {
    head_.reset();  // An idle connection holds none.
  }
  flush_later();
  return used;
}

/// When others have had their turn.
void connection::read_on() {
  streams_.for_each([](stream& each) { each.read_on(); });
  if (stream_ && !reading_paused_ && !condemned_) stream_->resume_reading();
}

/// DATA on streams that are not open are ignored by nghttp2, which tells nobody. Gives what of the
/// data can be read before the next of them is judged, or others have their turn.
std::size_t connection::known_part(std::span<const std::byte> data) {
  bool reset_before = false;
  frame_scanner::head head{};
  for (std::size_t at = 0; scanner_.next(data, at, head);) {
    share_.take(loop_.state(), head.type == NGHTTP2_HEADERS ? cost_of_request : cost_of_frame);
    if (head.type == NGHTTP2_RST_STREAM) reset_before = true;
    const bool is_data = head.type == NGHTTP2_DATA && head.stream % 2 != 0;
    const bool open = is_data && session_.is_open(static_cast<std::int32_t>(head.stream));
    const bool unknown = is_data && (!open || reset_before);
    // What comes before it may open the stream, or close it.
    if ((unknown || share_.is_used_up()) && head.begin > 0) {
      scanner_.go_back();
      return head.begin;
    }
    if (is_data && !open && head.stream <= ids_.highest() && !check_closed(head.stream, false)) {
      return at;
    }
  }
  return data.size();
}

/// False: the connection has ended.
bool connection::receive(std::span<std::byte> data) {
  if (fault_code_ != 0) {
    fail(fault_code_, fault_text_);
    return false;
  }
  const auto result = nghttp2_session_mem_recv(session_.get(), bytes_in(data), data.size());
  if (!stream_) return false;
  if (result >= 0) return true;
  switch (result) {
    case NGHTTP2_ERR_CALLBACK_FAILURE: fail(fault_code_, fault_text_); break;
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
  peer_ended_ = true;
  if (!error) return;
  if (condemned_) {
    lose(std::errc::connection_reset);  // There is nobody to be left alone.
    return;
  }
  output_lost_ = true;
  flush_later();
}

bool connection::refuse_connection(std::uint32_t code, std::string_view why) noexcept {
  fault_code_ = code;
  fault_text_ = why;
  return false;
}

bool connection::on_frame_begun(const nghttp2_frame_hd& head) {
  last_frame_ = now();
  switch (head.type) {
    case NGHTTP2_HEADERS: continuations_ = 0; return check_headers(head.stream_id);
    case NGHTTP2_CONTINUATION:
      return ++continuations_ <= options_.limits.http2.max_continuations ||
             refuse_connection(NGHTTP2_ENHANCE_YOUR_CALM, "Too many CONTINUATION frames.");
    case NGHTTP2_RST_STREAM:
    case NGHTTP2_GOAWAY:
    case NGHTTP2_PUSH_PROMISE: return true;
    case NGHTTP2_DATA:
      if (head.length > 0 || (head.flags & NGHTTP2_FLAG_END_STREAM)) return true;
      break;
    case NGHTTP2_WINDOW_UPDATE:
      if (window_updates_allowed_ > 0) {
        --window_updates_allowed_;
        return true;
      }
      break;
    default: break;
  }
  return count_control_frame();
}

bool connection::check_headers(std::int32_t id) {
  const auto number = static_cast<std::uint32_t>(id);
  if (number % 2 == 0) return true;  // An error, says nghttp2.
  if (number <= ids_.highest()) return session_.is_open(id) || check_closed(number, true);
  ids_.open(number);
  return true;
}

/// HEADERS and DATA on streams that are not open any more (RFC 9113, sections 5.1 and 5.1.1).
bool connection::check_closed(std::uint32_t id, bool opens) {
  // After GOAWAY nghttp2 opens nothing.
  if (ending_) return count_control_frame();
  switch (ids_.judge(id, second())) {
    case stream_ids::verdict::ignored: return !opens || count_control_frame();
    case stream_ids::verdict::never_opened:
      if (opens) {
        return refuse_connection(NGHTTP2_PROTOCOL_ERROR, "A stream below one that was opened.");
      }
      break;
    case stream_ids::verdict::closed: break;
  }
  return refuse_connection(NGHTTP2_STREAM_CLOSED, "A frame on a stream that was closed.");
}

bool connection::count_control_frame() {
  return control_frames_.take(second()) ||
         refuse_connection(NGHTTP2_ENHANCE_YOUR_CALM, "Too many frames that carry nothing.");
}

bool connection::count_reset() {
  return resets_.take(second()) ||
         refuse_connection(NGHTTP2_ENHANCE_YOUR_CALM, "Too many streams were reset.");
}

bool connection::on_begin_headers(const nghttp2_frame& frame) {
  headers_since_ = now();
  const auto id = frame.hd.stream_id;
  head_for_ = nullptr;
  if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) {
    head_for_ = session_.find(id);
  } else if (!admit(id)) {
    return false;
  }
  if (head_ && head_for_) {
    head_->clear();
  } else if (head_for_) {
    head_ = std::make_unique<head_builder>(options_.limits);
  }
  return true;
}

/// Limits open streams (RFC 9113, section 5.1.2), and those that have been reset and still run.
bool connection::admit(std::int32_t id) {
  const auto& limits = options_.limits.http2;
  const auto most = limits.max_streams_per_connection;
  if (open_streams_ >= most) {
    submit_reset(id, NGHTTP2_REFUSED_STREAM);
    return true;
  }
  if (tracked_streams_ >= std::max<std::size_t>(2 * std::size_t{most}, 100)) {
    submit_reset(id, NGHTTP2_ENHANCE_YOUR_CALM);
    constexpr std::uint32_t window = 5;
    if (const auto current = second() / window; current != calm_window_) {
      calm_window_ = current;
      calm_count_ = 0;
    }
    const auto allowed = limits.max_enhance_your_calm_count;
    if (allowed == 0 || ++calm_count_ <= window * allowed) return true;
    return refuse_connection(NGHTTP2_ENHANCE_YOUR_CALM,
                             "Too many streams that have not finished processing.");
  }
  auto made = std::make_unique<stream>(*this, id);
  nghttp2_session_set_stream_user_data(session_.get(), id, made.get());
  head_for_ = made.get();
  streams_.push_back(*made.release());
  ++open_streams_;
  ++tracked_streams_;
  return true;
}

bool connection::on_header(std::string_view name, std::string_view value) {
  return !head_for_ || head_->add(name, value) != head_builder::verdict::excessive ||
         refuse_connection(NGHTTP2_PROTOCOL_ERROR, "The request headers are far too large.");
}

bool connection::on_frame_received(const nghttp2_frame& frame) {
  const bool end = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
      headers_since_ = 0;
      if (auto* const to = std::exchange(head_for_, nullptr)) {
        if (frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
          to->on_head(*head_, end);
        } else {
          to->on_trailers(*head_, end);
        }
      }
      return true;
    case NGHTTP2_DATA:
      if (auto* const to = end ? session_.find(frame.hd.stream_id) : nullptr) to->on_end();
      return true;
    case NGHTTP2_RST_STREAM: return count_reset();
    case NGHTTP2_SETTINGS:
      if (!(frame.hd.flags & NGHTTP2_FLAG_ACK)) ++acknowledgements_owed_;
      return true;
    case NGHTTP2_PING:
      if (frame.hd.flags & NGHTTP2_FLAG_ACK) {
        ping_outstanding_ = false;
        if (shutting_down_ && !ending_) send_final_goaway();
      } else {
        ++acknowledgements_owed_;
      }
      return true;
    default: return true;
  }
}

void connection::on_data(stream& to, std::span<std::byte> data) { to.on_data(data); }

void connection::on_stream_closed(stream& closed, std::uint32_t code) {
  --open_streams_;
  if (head_for_ == &closed) head_for_ = nullptr;
  if (open_streams_ == 0) {
    idle_since_ = now();
    set_timer();
  }
  closed.on_closed(code);
}

void connection::keep_input(std::size_t bytes) {
  kept_input_ += bytes;
  uncredited_ += bytes;
  settle_window();
}

void connection::release_input(std::size_t bytes) {
  kept_input_ -= bytes;
  settle_window();
}

/// The connection's window is given back as soon as data have come, so that a stream whose handler
/// does not read stops no other; but only as long as the connection as a whole keeps little.
void connection::settle_window() {
  const auto most = options_.limits.http2.max_connection_buffer_size;
  const auto held = kept_input_ > most ? kept_input_ - most : 0;
  if (uncredited_ < held + largest_credit_step || !stream_) return;
  nghttp2_session_consume_connection(session_.get(), uncredited_ - held);
  uncredited_ = held;
  flush_later();
}

void connection::credit(std::int32_t id, std::size_t bytes) {
  if (!stream_) return;
  nghttp2_session_consume_stream(session_.get(), id, bytes);
  flush_later();
}

std::size_t connection::credit_step() const noexcept {
  return std::clamp<std::size_t>(stream_window() / 2, 1, largest_credit_step);
}

void connection::widen_window(std::int32_t id) {
  const auto window = options_.limits.http2.initial_stream_window_size;
  if (!stream_ || window <= stream_window()) return;
  nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, id,
                                        static_cast<std::int32_t>(window));
  flush_later();
}

void connection::report_work(async::work_report& to) const {
  streams_.for_each([&](const stream& each) { each.report_work(to); });
}

}  // namespace saker::http::v2
