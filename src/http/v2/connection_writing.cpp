#include <algorithm>
#include <limits>
#include <utility>

#include "http/v2/connection.hpp"

namespace saker::http::v2 {
namespace {

/// What waits in the byte stream is one line for all streams, so it is kept short.
constexpr std::size_t most_output = 64 * 1024;
/// Frames that wait in nghttp2 behind that, but for DATA, whose bytes wait in the streams: each
/// costs it about 256 bytes.
constexpr std::size_t most_frames_owed = 256;

ssize_t read_data(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t most,
                  std::uint32_t* flags, nghttp2_data_source* source, void*) {
  return static_cast<stream*>(source->ptr)->next_data(most, *flags);
}

}  // namespace

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

bool connection::is_congested() const noexcept {
  return owed_.is_lost() || noted_queued() == never_sent || stream_->queued() >= most_output;
}

std::size_t connection::frames_owed() const noexcept {
  const auto all = nghttp2_session_get_outbound_queue_size(session_.get());
  return all - std::min(all, owed_.acknowledgements());
}

bool connection::owes_too_much() const noexcept {
  return frames_owed() > most_frames_owed ||
         owed_.acknowledgements() > options_.limits.http2.max_queued_acknowledgements;
}

void connection::flush() {
  if (!is_fine()) return;
  const bool congested = !send_frames();
  if (!stream_) return;
  if (owed_.is_lost()) {
    // Nothing is waited for: the streams end with the input.
  } else if (congested) {
    stream_->notify_drained(most_output / 2);
  } else {
    owed_.forget_acknowledgements();
  }
  if (const auto& fault = guard_.fault(); fault.code != 0) {
    fail(fault.code, fault.text);
  } else if (owed_.acknowledgements() > options_.limits.http2.max_queued_acknowledgements) {
    fail(NGHTTP2_ENHANCE_YOUR_CALM, "Too many acknowledgements wait for a client that asks.");
  } else if (!congested && !nghttp2_session_want_read(session_.get()) &&
             !nghttp2_session_want_write(session_.get())) {
    finish(session_.goaway_code());
  } else {
    pace_reading(congested);
  }
}

/// Moves to the byte stream what fits. False: something is left, or the connection has ended.
bool connection::send_frames() {
  while (!is_congested()) {
    const std::uint8_t* data = nullptr;
    const auto size = nghttp2_session_mem_send(session_.get(), &data);
    if (size < 0) lose(std::errc::not_enough_memory);
    if (!stream_) return false;
    if (size == 0) return !is_congested();  // A DATA frame may wait for room.
    stream_->write(std::as_bytes(std::span(data, static_cast<std::size_t>(size))));
  }
  return false;
}

/// The one reason for which reading pauses, and the one place where it goes on.
void connection::pace_reading(bool congested) {
  const bool owes = !owed_.is_lost() && congested && frames_owed() > most_frames_owed;
  if (owes == owed_.stops_reading()) return;
  if (owes) {
    stream_->pause_reading();
    owed_.stop_reading(stream_->sent());
    clock_.begin_owing();
    clock_.set();
  } else {
    owed_.go_on_reading();
    clock_.end_owing();
    stream_->resume_reading();
  }
}

bool connection::send_data(stream& from, std::span<const std::byte> frame_head, std::size_t size) {
  if (is_congested()) return false;
  from.send_data(frame_head, size);
  return true;
}

void connection::write_frame(std::span<const std::byte> head, io::output_queue& payload,
                             std::size_t size) {
  stream_->write(head);
  owed_.note_data(size);
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
  const bool acknowledges = (type == NGHTTP2_PING || type == NGHTTP2_SETTINGS) &&
                            (frame.hd.flags & NGHTTP2_FLAG_ACK) != 0;
  if (acknowledges) owed_.note_acknowledged();
  if (type == NGHTTP2_DATA) {
    guard_.note_data_sent();
    if (auto* const from = session_.find(frame.hd.stream_id)) from->on_data_sent(end);
  } else if (type == NGHTTP2_HEADERS && end) {
    if (auto* const ended = session_.find(frame.hd.stream_id)) ended->on_end_sent();
  } else if (type == NGHTTP2_RST_STREAM) {
    guard_.note_reset(frame.hd.stream_id, clock_.second());
    // What the application resets is not the client's doing.
    const auto code = frame.rst_stream.error_code;
    if (code != NGHTTP2_NO_ERROR && code != NGHTTP2_INTERNAL_ERROR) {
      guard_.count_reset(clock_.second());
    }
  } else if (type == NGHTTP2_GOAWAY) {
    session_.note_goaway(frame.goaway.error_code);
  }
}

}  // namespace saker::http::v2
