#include "websocket/reader/message_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "io/loop_io.hpp"
#include "websocket/deflate/codecs.hpp"
#include "websocket/reader/mask.hpp"

namespace saker::websockets {

message_reader::message_reader(socket_core& socket, bool compression) noexcept
    : socket_(socket), frame_(compression) {}

message_reader::~message_reader() = default;

std::size_t message_reader::room() const noexcept {
  // What follows the peer's Close, or what ends the input, is not even looked at.
  if (is_receiving() || is_discarding() || ignores_input()) return io::loop_io::read_buffer_size;
  const auto most = socket_.options().receive_read_ahead;
  if (!inbox_) return std::max<std::size_t>(most, 1);
  return most - std::min(inbox_->size(), most);
}

bool message_reader::ignores_input() const noexcept {
  return socket_.closing().has_peer_close() || end_;
}

inbox& message_reader::ahead() {
  if (!inbox_) inbox_ = std::make_unique<inbox>();
  return *inbox_;
}

// Frames.

std::size_t message_reader::read(std::span<std::byte> data) {
  auto& frames_received = socket_.counts().frames_received;
  const auto before = frames_received.value();
  const auto used = read_frames(data);
  const auto frames = frames_received.value() - before;
  if (auto* const stream = socket_.stream()) stream->note_work(frames * async::turn_share::message);
  socket_.counts().bytes_received.add(used);
  return used;
}

std::size_t message_reader::read_frames(std::span<std::byte> data) {
  std::size_t used = 0;
  while (used < data.size() && !share_.is_used_up()) {
    // Somebody who receives does so on a stream that has not ended.
    if (!receive_) {
      if (!socket_.stream() || ignores_input()) return data.size();
      if (budget() == 0) break;
    }
    const auto rest = data.subspan(used);
    if (frame_.in_payload()) {
      used += take_payload(rest);
      continue;
    }
    const auto size = frame_.parse(rest);
    if (size == 0) {
      if (!frame_.fault()) break;
      end({websocket_errc::faulted, websocket_close_status::protocol_error, frame_.fault()});
      return data.size();
    }
    used += size;
    ++socket_.counts().frames_received;
    take_share(async::turn_share::message);
    const auto& header = frame_.header();
    if (is_control(header.code)) {
      take_control(rest.subspan(size, header.length));
      used += header.length;
    } else {
      begin_frame();
    }
  }
  return socket_.stream() ? used : data.size();
}

void message_reader::begin_frame() {
  frame_.begin();
  const bool is_served = receive_ && !frame_.has_gap();
  if (is_served && !frame_.is_compressed() && !check_size(frame_.missing())) return;
  if (frame_.missing() == 0) {
    if (frame_.is_compressed()) {
      take_compressed({});
    } else {
      end_frame();
    }
  } else if (is_served && receive_sink(*receive_).only_waits()) {
    receive_sink(*receive_).fill(frame_.type(), false);
    finish_receive();
  }
}

std::size_t message_reader::take_payload(std::span<std::byte> data) {
  auto part = data.first(std::min<std::uint64_t>(data.size(), frame_.missing()));
  if (frame_.is_compressed()) {
    take_compressed(part);
    return part.size();
  }
  if (is_unwanted()) {
    frame_.skip(part.size());
    if (frame_.missing() == 0) end_frame();
    return part.size();
  }
  if (receive_) part = part.first(std::min(part.size(), receive_sink(*receive_).room()));
  if (!deliver(part)) return data.size();
  if (frame_.missing() == 0) {
    end_frame();
  } else if (receive_ && receive_sink(*receive_).room() == 0) {
    receive_sink(*receive_).fill(frame_.type(), false);
    finish_receive();
  }
  return part.size();
}

/// Unmasks into where the application wants it. False when that was the end of the socket.
bool message_reader::deliver(std::span<const std::byte> data) {
  const auto target = receive_ ? receive_sink(*receive_).extend(data.size())
                               : ahead().extend(data.size(), frame_.type());
  frame_.take(target.data(), data);
  if (frame_.check_text(target)) return true;
  if (!receive_) inbox_->take_back(data.size());
  refuse_text();
  return false;
}

void message_reader::end_frame() {
  const bool end_of_message = frame_.header().fin;
  const bool is_wanted = !is_unwanted();
  if (!frame_.end()) {
    refuse_text();
  } else if (receive_ && is_wanted) {
    if (receive_sink(*receive_).end_frame(frame_.type(), end_of_message)) finish_receive();
  } else if (is_wanted) {
    ahead().end_frame(frame_.type(), end_of_message);
  }
}

/// For what the stream brings: whoever receives goes on at once, and each step looks again at what
/// it has left.
void message_reader::finish_receive() { socket_.resume_now(*std::exchange(receive_, nullptr)); }

void message_reader::refuse_size() {
  socket_.fail(websocket_close_status::message_too_big,
               "The WebSocket received a message larger than max_message_size allows.");
}

void message_reader::refuse_text() {
  end({websocket_errc::faulted, websocket_close_status::invalid_payload_data,
       "The WebSocket received a text message that is not valid UTF-8."});
}

void message_reader::take_control(std::span<const std::byte> masked) {
  const auto& header = frame_.header();
  std::array<std::byte, 125> buffer;
  copy_unmasked(buffer.data(), masked, header.mask, 0);
  const auto payload = std::span<const std::byte>(buffer).first(masked.size());
  if (header.code == opcode::ping) {
    socket_.take_ping(payload);
  } else if (header.code == opcode::pong) {
    socket_.take_pong(payload);
  } else {
    socket_.take_close(payload);
  }
}

// The end.

void message_reader::end(const input_end& how) {
  if (!end_) end_ = std::make_unique<const input_end>(how);
  if (receive_ || (is_discarding() && !put_off_) || !has_unread()) reach_end();
}

void message_reader::reach_end() {
  const auto end = std::move(end_);
  socket_.reach_end(*end);
}

receive_base* message_reader::show_close() {
  auto* const waiting = std::exchange(receive_, nullptr);
  if (!waiting) return nullptr;
  receive_sink(*waiting).show(*socket_.closing().received_close());
  socket_.closing().note_close_shown();
  return waiting;
}

void message_reader::discard() {
  if (keeping_ == keeping::all) keeping_ = keeping::received;
  if (!put_off_) forget_unread();
}

void message_reader::forget_unread() {
  if (has_unread() && socket_.deflate()) keeping_ = keeping::received_uncompressed;
  if (has_unread()) frame_.note_gap();
  inbox_.reset();
  if (end_) reach_end();
}

}  // namespace saker::websockets
