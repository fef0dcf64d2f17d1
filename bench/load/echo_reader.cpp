#include "echo_reader.hpp"

#include <algorithm>
#include <utility>

#include "load_error.hpp"

namespace saker_load {

namespace {

std::size_t header_length(unsigned char second_byte) {
  const auto length = second_byte & 0x7f;
  return length == 127 ? 10 : length == 126 ? 4 : 2;
}

}  // namespace

std::size_t echo_reader::read(std::string_view data) {
  std::size_t echoes = 0;
  while (!data.empty() || in_payload_) {
    if (!in_payload_ && !read_header(data)) break;
    read_payload(data);
    if (remaining_ != 0) break;
    if (end_frame()) ++echoes;
  }
  if (sent_->ignores_frames()) return std::exchange(answers_, 0);
  return echoes;
}

std::string echo_reader::take_pong() { return std::exchange(pong_, {}); }

bool echo_reader::read_header(std::string_view& data) {
  if (sent_->raw()) {
    remaining_ = expected().size();
    fin_ = in_payload_ = true;
    opcode_ = sent_->opcode();
    return true;
  }
  while (header_size_ < 2 || header_size_ < header_length(header_[1])) {
    if (data.empty()) return false;
    header_[header_size_++] = static_cast<unsigned char>(data.front());
    data.remove_prefix(1);
  }
  begin_frame();
  return true;
}

void echo_reader::begin_frame() {
  fin_ = (header_[0] & 0x80) != 0;
  opcode_ = header_[0] & 0x0f;
  remaining_ = header_[1] & 0x7f;
  const bool compressed = (header_[0] & 0x40) != 0;
  const bool first = !is_control() && !in_message_;
  if ((header_[0] & 0x30) != 0 || (compressed && !first)) {
    throw load_error("a frame with reserved bits");
  }
  if (first) {
    if (compressed != (sent_->deflate() != compression::none)) {
      throw load_error(compressed ? "a compressed message" : "a message that is not compressed");
    }
    compressed_ = compressed;
  }
  if ((header_[1] & 0x80) != 0) throw load_error("a masked frame from the server");
  if (header_size_ > 2) {
    remaining_ = 0;
    for (std::size_t i = 2; i < header_size_; ++i) remaining_ = remaining_ << 8 | header_[i];
  }
  header_size_ = 0;
  in_payload_ = true;
  if (is_control()) {
    if (remaining_ > 125 || !fin_) throw load_error("a control frame too long or in fragments");
    return;
  }
  if (opcode_ != (in_message_ ? opcode::continuation : sent_->opcode())) {
    throw load_error("a frame with the unexpected opcode " + std::to_string(opcode_));
  }
  if (!compressed_ && !sent_->ignores_frames() && remaining_ > expected().size() - position_) {
    throw load_error("an echo that is too long");
  }
  in_message_ = true;
}

void echo_reader::read_payload(std::string_view& data) {
  const auto chunk = data.substr(0, remaining_);
  if (is_control()) {
    control_ += chunk;
  } else if (compressed_) {
    payload_ += chunk;
  } else if (sent_->ignores_frames()) {
    read_answers(chunk);
  } else {
    check(chunk);
    position_ += chunk.size();
  }
  remaining_ -= chunk.size();
  data.remove_prefix(chunk.size());
}

void echo_reader::check(std::string_view chunk) const {
  // The ends of a long chunk show cuts and shifts; comparing all of it would cost as much as
  // receiving it.
  constexpr std::size_t edge = 256;
  const auto wanted = expected().substr(position_, chunk.size());
  const auto last = chunk.size() - std::min(edge, chunk.size());
  if (chunk.substr(0, edge) != wanted.substr(0, edge) ||
      chunk.substr(last) != wanted.substr(last)) {
    throw load_error("an echo that differs from what was sent");
  }
}

void echo_reader::read_answers(std::string_view chunk) {
  while (!chunk.empty()) {
    const auto part = chunk.substr(0, expected().size() - position_);
    check(part);
    position_ += part.size();
    chunk.remove_prefix(part.size());
    if (position_ != expected().size()) continue;
    position_ = 0;
    ++answers_;
  }
}

void echo_reader::check_compressed() {
  static deflate_reader shared;
  const bool takeover = sent_->deflate() == compression::takeover;
  if (takeover && !inflater_) inflater_ = std::make_unique<deflate_reader>();
  if (!takeover) shared.reset();
  auto& inflater = takeover ? *inflater_ : shared;
  if (inflater.inflate(std::exchange(payload_, {}), expected().size()) != expected()) {
    throw load_error("an echo that differs from what was sent");
  }
}

bool echo_reader::end_frame() {
  in_payload_ = false;
  if (is_control()) {
    end_control_frame();
    return false;
  }
  if (!fin_) return false;
  if (compressed_) {
    check_compressed();
  } else if (sent_->ignores_frames()) {
    in_message_ = false;
    return false;
  } else if (position_ != expected().size()) {
    throw load_error("an echo that is too short");
  }
  index_ = (index_ + 1) % sent_->count();
  position_ = 0;
  in_message_ = false;
  return true;
}

void echo_reader::end_control_frame() {
  const auto payload = std::exchange(control_, {});
  if (opcode_ == opcode::ping) {
    pong_ = masked_frame(opcode::pong, payload);
  } else if (opcode_ == opcode::close) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(payload[i]); };
    close_status_ = payload.size() < 2 ? 1005 : byte(0) << 8 | byte(1);
  }
}

}  // namespace saker_load
