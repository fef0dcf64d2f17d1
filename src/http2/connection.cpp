#include "http2/connection.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "core/channel_security.hpp"
#include "core/log.hpp"

namespace saker::http2 {
namespace {

constexpr std::chrono::seconds linger_limit{5};
constexpr std::chrono::seconds condemned_for{1};
constexpr std::size_t frame_head_size = 9;
/// What waits in the byte stream is one line for all streams, so it is kept short.
constexpr std::size_t most_output = 64 * 1024;
/// Windows are given back in steps: each WINDOW_UPDATE that is saved is a frame less.
constexpr std::size_t credit_step = 16 * 1024;
constexpr std::uint32_t window_updates_per_data = 10;
constexpr std::uint32_t most_window_updates_allowed = 1000;

std::uint8_t* bytes_in(std::span<std::byte> data) {
  return reinterpret_cast<std::uint8_t*>(data.data());
}

ssize_t read_data(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t most,
                  std::uint32_t* flags, nghttp2_data_source* source, void*) {
  return static_cast<stream*>(source->ptr)->next_data(most, *flags);
}

void append_number(std::vector<std::byte>& bytes, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::byte>(number >> shift));
  }
}

}  // namespace

connection::connection(std::unique_ptr<core::byte_stream> stream,
                       const http::connection_options& options)
    : loop_(stream->loop()),
      stream_(std::move(stream)),
      options_(options),
      security_(stream_->security()),
      session_(static_cast<session_events&>(*this), options.limits.http2),
      resets_(options.limits.http2.stream_reset_burst, options.limits.http2.stream_reset_rate),
      control_frames_(options.limits.http2.control_frame_burst,
                      options.limits.http2.control_frame_rate),
      timer_([](void* self) { static_cast<connection*>(self)->on_timer(); }, this) {
  stream_->set_handler(this);
  loop_.state().stoppables().push_back(*this);
  last_frame_ = idle_since_ = now();
  set_timer();
  send_settings();
}

connection::~connection() {
  // Handlers may use everything else while their frames go.
  std::vector<std::unique_ptr<stream>> gone;
  while (!streams_.empty()) gone.emplace_back(&streams_.pop_front());
  gone.clear();
}

void connection::start(std::unique_ptr<core::byte_stream> stream,
                       const http::connection_options& options) {
  auto& state = stream->loop().state();
  state.keep(std::make_unique<connection>(std::move(stream), options));
}

std::string connection::remote_endpoint() const {
  return stream_ ? stream_->remote_endpoint() : std::string();
}

/// Section 3.2 of the specification: what differs from the defaults of the protocol, and that
/// extended CONNECT is understood.
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
  add(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.initial_stream_window_size, 65'535);
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

// Reading.

std::size_t connection::on_read(std::span<std::byte> data) {
  if (condemned_) return data.size();
  requests_come_ = false;
  const auto result = nghttp2_session_mem_recv(session_.get(), bytes_in(data), data.size());
  if (!stream_) return data.size();
  if (result < 0) {
    switch (result) {
      case NGHTTP2_ERR_CALLBACK_FAILURE: fail(fault_code_, fault_text_); break;
      case NGHTTP2_ERR_BAD_CLIENT_MAGIC: fail(NGHTTP2_PROTOCOL_ERROR, "A bad preface."); break;
      case NGHTTP2_ERR_NOMEM: fail(NGHTTP2_INTERNAL_ERROR, "Out of memory."); break;
      default: fail(NGHTTP2_ENHANCE_YOUR_CALM, nghttp2_strerror(static_cast<int>(result))); break;
    }
    return data.size();
  }
  if (headers_since_ != 0) {
    set_timer();
  } else {
    head_.reset();  // An idle connection holds none.
  }
  flush();
  return data.size();
}

void connection::on_read_end() {
  // Nobody who speaks HTTP/2 ends one side and waits for answers.
  lose_streams(std::errc::connection_reset);
  close();
}

void connection::on_error(std::error_code) { lose(std::errc::connection_reset); }

bool connection::refuse_connection(std::uint32_t code, std::string_view why) noexcept {
  fault_code_ = code;
  fault_text_ = why;
  return false;
}

bool connection::on_frame_begun(const nghttp2_frame_hd& head) {
  last_frame_ = now();
  switch (head.type) {
    case NGHTTP2_HEADERS:
    case NGHTTP2_CONTINUATION:
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

bool connection::count_control_frame() {
  return control_frames_.take(second()) ||
         refuse_connection(NGHTTP2_ENHANCE_YOUR_CALM, "Too many frames that carry nothing.");
}

bool connection::count_reset() {
  return resets_.take(second()) ||
         refuse_connection(NGHTTP2_ENHANCE_YOUR_CALM, "Too many streams were reset.");
}

bool connection::on_begin_headers(const nghttp2_frame& frame) {
  headers_since_ = std::max<std::uint64_t>(now(), 1);
  requests_come_ = true;
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

/// Section 3.8 of the specification.
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
    case NGHTTP2_PING:
      if (frame.hd.flags & NGHTTP2_FLAG_ACK) {
        ping_outstanding_ = false;
        if (shutting_down_ && !ending_) send_final_goaway();
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
  if (uncredited_ < held + credit_step || !stream_) return;
  nghttp2_session_consume_connection(session_.get(), uncredited_ - held);
  uncredited_ = held;
  flush_later();
}

void connection::credit(std::int32_t id, std::size_t bytes) {
  if (!stream_) return;
  nghttp2_session_consume_stream(session_.get(), id, bytes);
  flush_later();
}

// Writing.

void connection::submit_head(std::int32_t id, const response_fields& fields, bool end_of_stream) {
  if (!stream_) return;
  nghttp2_submit_headers(session_.get(),
                         end_of_stream ? NGHTTP2_FLAG_END_STREAM : NGHTTP2_FLAG_NONE, id, nullptr,
                         fields.all().data(), fields.all().size(), nullptr);
  flush_later();
}

void connection::submit_data(stream& from, std::int32_t id) {
  if (!stream_) return;
  nghttp2_data_provider source{};
  source.source.ptr = &from;
  source.read_callback = read_data;
  nghttp2_submit_data(session_.get(), NGHTTP2_FLAG_END_STREAM, id, &source);
}

void connection::submit_continue(std::int32_t id) {
  if (!stream_) return;
  response_fields fields;
  fields.add(":status", "100");
  nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, id, nullptr, fields.all().data(),
                         fields.all().size(), nullptr);
  flush_later();
}

void connection::submit_trailers(std::int32_t id, const response_fields& fields) {
  if (!stream_) return;
  nghttp2_submit_trailer(session_.get(), id, fields.all().data(), fields.all().size());
}

void connection::submit_reset(std::int32_t id, std::uint32_t code) {
  if (!stream_) return;
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, code);
  flush_later();
}

bool connection::is_congested() const noexcept { return stream_->queued() >= most_output; }

void connection::flush() {
  if (!stream_ || condemned_) return;
  for (;;) {
    if (is_congested()) {
      stream_->notify_drained(most_output / 2);
      return;
    }
    const std::uint8_t* data = nullptr;
    const auto size = nghttp2_session_mem_send(session_.get(), &data);
    if (size < 0) {
      lose(std::errc::not_enough_memory);
      return;
    }
    if (size == 0 && !is_congested()) break;
    if (size > 0) stream_->write(std::as_bytes(std::span(data, static_cast<std::size_t>(size))));
  }
  if (fault_code_ != 0) {
    fail(fault_code_, fault_text_);
  } else if (!nghttp2_session_want_read(session_.get()) &&
             !nghttp2_session_want_write(session_.get())) {
    close();
  }
}

bool connection::send_data(stream& from, std::span<const std::byte> frame_head, std::size_t size) {
  if (is_congested()) return false;
  from.send_data(frame_head, size);
  return true;
}

void connection::write_frame(std::span<const std::byte> head, core::output_queue& payload,
                             std::size_t size) {
  stream_->write(head);
  while (size > 0) {
    iovec first;
    payload.gather(std::span(&first, 1));
    const auto count = std::min(size, first.iov_len);
    stream_->write({static_cast<const std::byte*>(first.iov_base), count});
    payload.consume(count);
    size -= count;
  }
}

void connection::on_frame_sent(const nghttp2_frame& frame) {
  const auto type = frame.hd.type;
  const bool end = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  if (type == NGHTTP2_DATA) {
    window_updates_allowed_ =
        std::min(window_updates_allowed_ + window_updates_per_data, most_window_updates_allowed);
    if (auto* const from = session_.find(frame.hd.stream_id)) from->on_data_sent(end);
  } else if (type == NGHTTP2_HEADERS && end) {
    if (auto* const ended = session_.find(frame.hd.stream_id)) ended->on_end_sent();
  } else if (type == NGHTTP2_RST_STREAM) {
    // What the application resets is not the client's doing.
    const auto code = frame.rst_stream.error_code;
    if (code != NGHTTP2_NO_ERROR && code != NGHTTP2_INTERNAL_ERROR) count_reset();
  }
}

// Ending.

/// A fault of the connection: the client is told why, and that is the end.
void connection::fail(std::uint32_t code, std::string_view why) {
  if (!stream_) return;
  core::log(core::log_level::debug, "An HTTP/2 connection is ended: " + std::string(why));
  send_goaway(code, why);
  lose_streams(std::errc::connection_aborted);
  if (code == NGHTTP2_ENHANCE_YOUR_CALM) {
    condemn();
  } else {
    close();
  }
}

/// An attacker has sent more than it was allowed, and may have much more on its way. Reading that
/// would be work; ending the connection at once could destroy the GOAWAY. So it is left alone for a
/// moment, unread.
void connection::condemn() {
  if (!stream_) return;
  condemned_ = true;
  stream_->pause_reading();
  timer_.set(loop_.state().deadlines(), condemned_for);
}

/// Without nghttp2, which may be beyond use.
void connection::send_goaway(std::uint32_t code, std::string_view why) {
  const auto last = nghttp2_session_get_last_proc_stream_id(session_.get());
  constexpr std::size_t fixed_size = 8;
  std::vector<std::byte> frame;
  append_number(frame, static_cast<std::uint32_t>((fixed_size + why.size()) << 8) | NGHTTP2_GOAWAY);
  frame.push_back(std::byte{0});
  append_number(frame, 0);
  append_number(frame, static_cast<std::uint32_t>(last));
  append_number(frame, code);
  const auto text = std::as_bytes(std::span(why));
  frame.insert(frame.end(), text.begin(), text.end());
  stream_->write(frame);
}

void connection::close() {
  if (!stream_) return;
  timer_.clear();
  core::close_in_order(std::move(stream_), linger_limit);
  lose_streams(std::errc::connection_reset);
  release_if_idle();
}

void connection::lose(std::errc error) {
  if (!stream_) return;
  timer_.clear();
  stream_->abort();
  loop_.state().retire(std::move(stream_));
  lose_streams(error);
  release_if_idle();
}

void connection::lose_streams(std::errc error) {
  // Each leaves the list with its end, and may take others with it.
  core::intrusive_list<stream> lost;
  while (!streams_.empty()) lost.push_back(streams_.pop_front());
  while (!lost.empty()) {
    auto& each = lost.pop_front();
    streams_.push_back(each);
    each.on_lost(error);
  }
}

void connection::release(stream& done) {
  done.core::list_node<stream>::unlink();
  --tracked_streams_;
  nghttp2_session_set_stream_user_data(session_.get(), done.id(), nullptr);
  loop_.state().retire(std::unique_ptr<core::disposable>(&done));
  release_if_idle();
}

void connection::release_if_idle() {
  if (!stream_ && tracked_streams_ == 0) loop_.state().drop(*this);
}

/// The first of two GOAWAYs (RFC 9113, section 6.8): no new streams, please. What is on its way is
/// still served, until the client has seen it.
void connection::on_stopping() {
  if (!stream_ || ending_ || condemned_) return;
  shutting_down_ = true;
  shutdown_since_ = now();
  nghttp2_submit_shutdown_notice(session_.get());
  nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
  set_timer();
  flush_later();
}

void connection::send_final_goaway() {
  ending_ = true;
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_.get()), NGHTTP2_NO_ERROR,
                        nullptr, 0);
  flush_later();
}

// Limits in time.

namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

std::uint64_t after(std::uint64_t since, std::chrono::milliseconds time) {
  if (time == std::chrono::milliseconds::max()) return never;
  const auto ticks = (time + core::deadline_wheel::tick - std::chrono::milliseconds(1)) /
                     core::deadline_wheel::tick;
  return since + static_cast<std::uint64_t>(ticks);
}

constexpr std::chrono::seconds shutdown_step{1};

}  // namespace

/// When something may be due, at the earliest.
std::uint64_t connection::next_due() const noexcept {
  const auto& limits = options_.limits;
  auto due = never;
  const auto consider = [&](std::uint64_t time) { due = std::min(due, time); };
  if (headers_since_ != 0) consider(after(headers_since_, limits.request_headers_timeout));
  if (shutting_down_ && !ending_) consider(after(shutdown_since_, shutdown_step));
  if (open_streams_ == 0) consider(after(idle_since_, limits.keep_alive_timeout));
  if (ping_outstanding_) {
    consider(after(ping_since_, limits.http2.keep_alive_ping_timeout));
  } else {
    consider(after(last_frame_, limits.http2.keep_alive_ping_delay));
  }
  return due;
}

void connection::set_timer() {
  const auto due = next_due();
  if (due == never || (timer_.is_set() && timer_due_ <= due)) return;
  timer_due_ = due;
  const auto time = now();
  const auto ticks = due > time ? due - time : 0;
  timer_.set(loop_.state().deadlines(),
             core::deadline_wheel::tick * static_cast<std::chrono::milliseconds::rep>(ticks));
}

void connection::on_timer() {
  if (condemned_) {
    lose(std::errc::connection_aborted);
    return;
  }
  const auto time = now();
  const auto& limits = options_.limits;
  if (headers_since_ != 0 && after(headers_since_, limits.request_headers_timeout) <= time) {
    fail(NGHTTP2_INTERNAL_ERROR, "Reading the request headers timed out.");
    return;
  }
  if (shutting_down_ && !ending_ && after(shutdown_since_, shutdown_step) <= time) {
    send_final_goaway();
  } else if (open_streams_ == 0 && after(idle_since_, limits.keep_alive_timeout) <= time) {
    if (ending_) {
      close();
      return;
    }
    send_final_goaway();
  }
  if (check_peer(time)) set_timer();
}

/// Section 3.2 of the specification: a PING after some silence, an end after more. False: it has
/// ended.
bool connection::check_peer(std::uint64_t time) {
  const auto& limits = options_.limits.http2;
  if (ping_outstanding_) {
    if (last_frame_ > ping_since_) {
      ping_outstanding_ = false;
    } else if (after(ping_since_, limits.keep_alive_ping_timeout) <= time) {
      fail(NGHTTP2_INTERNAL_ERROR,
           "Timeout while waiting for incoming HTTP/2 frames after a keep alive ping.");
      return false;
    }
  } else if (after(last_frame_, limits.keep_alive_ping_delay) <= time) {
    ping_outstanding_ = true;
    ping_since_ = time;
    nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
    flush_later();
  }
  return true;
}

}  // namespace saker::http2
