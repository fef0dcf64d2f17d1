#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace saker::simulation {

/// Reads the answers of HTTP/1.1 from bytes that come in any pieces.
class response_reader {
 public:
  /// Takes what it can; true: an answer is complete, and what follows it has not been taken.
  bool read(std::string_view& data);
  /// The connection has ended: true when that makes the answer complete.
  bool end();
  bool begun() const noexcept { return state_ != state::head || !buffer_.empty(); }
  int status() const noexcept { return status_; }
  const std::string& body() const noexcept { return body_; }
  const std::string& head() const noexcept { return head_; }
  /// What is wrong with the bytes, or empty.
  const std::string& fault() const noexcept { return fault_; }
  /// Where the answer to an upgrade ends, the other protocol begins.
  bool upgraded() const noexcept { return status_ == 101; }
  bool closes() const noexcept;
  void next();

 private:
  enum class state { head, fixed, chunk_line, chunk, chunk_end, trailers, until_end, done };

  void take_head();
  bool step(std::string_view& data);
  bool line(std::string_view& data, std::string& into);
  std::string field(std::string_view name) const;

  state state_ = state::head;
  std::string buffer_;
  std::string head_;
  std::string body_;
  std::string fault_;
  std::size_t left_ = 0;
  int status_ = 0;
};

}  // namespace saker::simulation
