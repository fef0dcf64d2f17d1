// The HTTP/1 reader over pipelined requests: whole and in pieces, and what it may never accept.

#include <string>

#include <saker/http/exchange/limits.hpp>

#include "fuzz_input.hpp"
#include "http/v1/request_reader.hpp"

namespace {

using namespace saker::http::v1;
using saker::fuzz::require;
using bytes = std::span<const std::byte>;

class session final : private body_sink {
 public:
  explicit session(const saker::http_limits& limits) : limits_(limits) { begin(); }

  std::size_t on_read(bytes data) {
    std::size_t used = 0;
    while (used < data.size()) {
      const auto rest = data.subspan(used);
      const auto count = in_body_ ? read_body(rest) : read_head(rest);
      if (reader_->fault()) return saker::fuzz::ended;
      require(count <= rest.size(), "more used than given");
      used += count;
      if (count == 0) break;
    }
    taken_ += used;
    return used;
  }

  /// Everything but the body of a request that failed within it: how much of that was delivered
  /// before the fault depends on the pieces.
  std::string trace;
  std::string body;
  int fault() const { return reader_->fault().status; }
  std::uint64_t delivered() const { return delivered_; }

 private:
  void begin() {
    reader_ = std::make_unique<request_reader>(limits_);
    in_body_ = false;
    body.clear();
  }

  std::size_t read_head(bytes data) {
    const auto result = reader_->read_head(data);
    require(
        (result.state == request_reader::progress::fault) == static_cast<bool>(reader_->fault()),
        "a fault has a status");
    if (result.state == request_reader::progress::head_complete) accept();
    return result.used;
  }

  std::size_t read_body(bytes data) {
    const auto used = reader_->read_body(data, *this);
    if (!reader_->fault()) end_if_complete();
    return used;
  }

  void end_if_complete() {
    if (!reader_->body_complete()) return;
    if (head_.content_length) require(body.size() == *head_.content_length, "the body's length");
    trace += "body " + body + "\n";
    begin();
  }

  void on_body(bytes data) override {
    body.append(reinterpret_cast<const char*>(data.data()), data.size());
    delivered_ += data.size();
    require(!head_.content_length || body.size() <= *head_.content_length, "too much body");
  }

  void accept() {
    head_ = reader_->take_head();
    const auto& facts = reader_->facts();
    check_fields(facts);
    trace.append(head_.method).append(" ").append(head_.target).append(" ");
    trace.append(head_.protocol).append(" path=").append(head_.path);
    trace.append(" query=").append(head_.query).append(" host=").append(head_.host);
    trace += " decoded=" + head_.decoded_path + " " + std::to_string(facts.minor_version) +
             std::to_string(facts.keep_alive) + std::to_string(head_.expects_continue) +
             std::to_string(head_.asks_for_upgrade) + std::to_string(facts.chunked) + "\n";
    in_body_ = head_.has_body;
    if (!head_.has_body) begin();
  }

  void check_fields(const head_facts& facts) {
    const auto& fields = head_.fields;
    require(facts.minor_version < 1 || fields.count("Host") == 1, "one Host");
    require(fields.count("Content-Length") <= 1, "one Content-Length");
    require(!fields.contains("Transfer-Encoding") || !fields.contains("Content-Length"),
            "not both lengths");
    require(facts.chunked == fields.contains("Transfer-Encoding"), "chunked");
    require(!facts.chunked || facts.minor_version >= 1, "no chunks in 1.0");
    require(head_.target.find_first_of(" \r\n\t") == std::string_view::npos, "a clean target");
    require(head_.decoded_path.find('\0') == std::string::npos, "no NUL in a path");
    require(("/" + head_.decoded_path + "/").find("/../") == std::string::npos, "no dot segments");
    for (const auto& [name, value] : fields) {
      require(!name.empty() && name.find_first_of(" \t:\r\n") == std::string_view::npos, "a name");
      require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
              "no CR, LF or NUL in a value");
      trace.append(name).append(": ").append(value).append("\n");
    }
  }

  const saker::http_limits& limits_;
  std::unique_ptr<request_reader> reader_;
  saker::http::request_head head_;
  bool in_body_ = false;
  std::uint64_t taken_ = 0;
  std::uint64_t delivered_ = 0;
};

saker::http_limits choose_limits(std::uint8_t choice) {
  saker::http_limits limits;
  if (choice & 1U) limits.max_request_body_size = 64;
  if (choice & 2U) limits.max_request_line_size = 64;
  if (choice & 4U) limits.max_request_headers_total_size = 128;
  if (choice & 8U) limits.max_request_header_count = 3;
  return limits;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  saker::fuzz::input input(data, size);
  const auto limits = choose_limits(input.byte());
  const auto splits = input.splits();
  session whole(limits);
  saker::fuzz::feed(input.rest(), {}, [&](auto shown) { return whole.on_read(shown); });
  session split(limits);
  saker::fuzz::feed(input.rest(), splits, [&](auto shown) { return split.on_read(shown); });
  require(whole.fault() == split.fault(), "the same status, whole and split");
  require(whole.trace == split.trace, "the same requests, whole and split");
  require(whole.fault() != 0 || whole.body == split.body, "the same body, whole and split");
  require(whole.delivered() <= size && split.delivered() <= size, "no more body than input");
  return 0;
}
