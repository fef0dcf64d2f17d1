#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include <saker/signalr/protocol/hub_protocol.hpp>

namespace saker::signalr {
namespace {

using binding::messagepack_reader;
using binding::messagepack_writer;
using binding::value_kind;

constexpr int most_prefix_bytes = 5;

[[noreturn]] void refuse(const std::string& what) { throw protocol_error(what); }

/// The parts of a message, one after the other.
class part_reader {
 public:
  explicit part_reader(std::string_view payload) : in_(payload) {
    if (in_.peek() != value_kind::array) refuse("Reading array length for 'elementCount' failed.");
    in_.begin_array();
  }

  messagepack_reader& next(const char* name) {
    if (!in_.next_element()) refuse(std::string("Reading '") + name + "' failed.");
    return in_;
  }

  std::optional<std::string_view> optional_string(const char* name) {
    auto& in = next(name);
    if (in.null()) return std::nullopt;
    if (in.peek() != value_kind::string) {
      refuse(std::string("Reading '") + name + "' as String failed.");
    }
    return in.repaired_string();
  }
  std::string_view string(const char* name) {
    return optional_string(name).value_or(std::string_view());
  }
  std::string_view required_string(const char* name) {
    const auto text = string(name);
    if (text.empty()) refuse(std::string("Null or empty ") + name + ".");
    return text;
  }
  /// What is no text breaks no frame: there is just no method of such a name.
  std::string_view target() {
    auto& in = next("target");
    if (in.peek() != value_kind::string) refuse("Reading 'target' as String failed.");
    return in.repaired_string();
  }
  template <std::signed_integral Integer>
  Integer integer(const char* name) {
    using limits = std::numeric_limits<Integer>;
    auto& in = next(name);
    try {
      return static_cast<Integer>(in.integer(limits::min(), limits::max()));
    } catch (const binding::binding_error&) {
      refuse(std::string("Reading '") + name + "' as Int" + std::to_string(8 * sizeof(Integer)) +
             " failed.");
    }
  }
  std::map<std::string, std::string> headers() {
    auto& in = next("headers");
    if (in.peek() != value_kind::object) refuse("Reading map length for 'headers' failed.");
    std::map<std::string, std::string> all;
    for (in.begin_object(); in.next_member();) {
      std::string name(header_text());
      all.insert_or_assign(std::move(name), header_text());
    }
    return all;
  }
  void value(const char* name, hub_message& message) {
    next(name);
    take_value(message);
  }
  /// What is no array of them fails its call, where they are bound.
  void arguments(hub_message& message) {
    if (!is_at_end()) take_value(message);
  }
  std::vector<std::string> stream_ids() {
    std::vector<std::string> ids;
    if (is_at_end() || in_.null()) return ids;
    if (in_.peek() != value_kind::array) refuse("Reading array length for 'streamIds' failed.");
    for (in_.begin_array(); in_.next_element();) {
      if (in_.peek() != value_kind::string) refuse("Null or empty streamId.");
      ids.emplace_back(in_.repaired_string());
      if (ids.back().empty()) refuse("Null or empty streamId.");
    }
    return ids;
  }
  std::optional<bool> boolean(const char* name) {
    if (is_at_end()) return std::nullopt;
    if (in_.peek() != value_kind::boolean) {
      refuse(std::string("Reading '") + name + "' as Boolean failed.");
    }
    return in_.boolean();
  }
  /// What comes behind the last part is ignored, but it must be there.
  void finish() {
    while (!is_at_end()) in_.skip();
  }

 private:
  bool is_at_end() {
    if (!at_end_) at_end_ = !in_.next_element();
    return at_end_;
  }
  void take_value(hub_message& message) {
    message.value = in_.skip();
    message.value_count = in_.skipped_values();
  }
  std::string_view header_text() {
    if (in_.peek() != value_kind::string) refuse("Null or empty header.");
    const auto text = in_.repaired_string();
    if (text.empty()) refuse("Null or empty header.");
    return text;
  }

  messagepack_reader in_;
  bool at_end_ = false;
};

void parse_completion(part_reader& parts, hub_message& message) {
  switch (parts.integer<std::int32_t>("resultKind")) {
    case 1: message.error = parts.optional_string("error"); break;
    case 2: break;
    case 3:
      parts.value("result", message);
      message.has_result = true;
      break;
    default: refuse("Invalid invocation result kind.");
  }
}

void parse_parts(part_reader& parts, hub_message& message) {
  if (message.is_counted()) message.headers = parts.headers();
  switch (message.type) {
    case message_type::invocation:
    case message_type::stream_invocation:
      message.invocation_id = message.type == message_type::invocation
                                  ? parts.string("invocationId")
                                  : parts.required_string("invocationId");
      message.target = parts.target();
      parts.arguments(message);
      message.stream_ids = parts.stream_ids();
      break;
    case message_type::stream_item:
      message.invocation_id = parts.required_string("invocationId");
      parts.value("item", message);
      break;
    case message_type::completion:
      message.invocation_id = parts.required_string("invocationId");
      parse_completion(parts, message);
      break;
    case message_type::cancel_invocation:
      message.invocation_id = parts.required_string("invocationId");
      break;
    case message_type::close: {
      const auto error = parts.string("error");
      if (!error.empty()) message.error = error;
      message.allow_reconnect = parts.boolean("allowReconnect").value_or(false);
      break;
    }
    case message_type::ack:
    case message_type::sequence:
      message.sequence_id = parts.integer<std::int64_t>("sequenceId");
      break;
    case message_type::ping: break;
  }
  parts.finish();
}

void write_text_or_null(messagepack_writer& out, const std::string& text) {
  if (text.empty()) {
    out.null();
  } else {
    out.string(text);
  }
}

std::size_t parts_of(const hub_message& message) noexcept {
  switch (message.type) {
    case message_type::invocation:
    case message_type::stream_invocation: return 6;
    case message_type::stream_item: return 4;
    case message_type::completion: return message.error || message.has_result ? 5 : 4;
    case message_type::cancel_invocation:
    case message_type::close: return 3;
    case message_type::ack:
    case message_type::sequence: return 2;
    case message_type::ping: break;
  }
  return 1;
}

void write_body(const hub_message& message, std::string& to) {
  messagepack_writer out(to);
  out.begin_array(parts_of(message));
  out.integer(static_cast<int>(message.type));
  if (message.is_counted()) binding::write_value(out, message.headers);
  switch (message.type) {
    case message_type::invocation:
    case message_type::stream_invocation:
      write_text_or_null(out, message.invocation_id);
      out.string(message.target);
      to += message.value;
      binding::write_value(out, message.stream_ids);
      break;
    case message_type::stream_item:
      out.string(message.invocation_id);
      to += message.value;
      break;
    case message_type::completion:
      out.string(message.invocation_id);
      out.integer(message.error ? 1 : message.has_result ? 3 : 2);
      if (message.error) {
        out.string(*message.error);
      } else if (message.has_result) {
        to += message.value;
      }
      break;
    case message_type::cancel_invocation: out.string(message.invocation_id); break;
    case message_type::close:
      write_text_or_null(out, message.error.value_or(std::string()));
      out.boolean(message.allow_reconnect);
      break;
    case message_type::ack:
    case message_type::sequence: out.integer(message.sequence_id); break;
    case message_type::ping: break;
  }
}

class messagepack_hub_protocol final : public hub_protocol {
 public:
  std::string_view name() const noexcept override { return "messagepack"; }
  transfer_format format() const noexcept override { return transfer_format::binary; }
  binding::value_format values() const noexcept override {
    return binding::value_format::messagepack;
  }

  std::optional<frame> next_frame(std::string_view data, std::size_t) const override {
    std::uint64_t size = 0;
    for (int i = 0; i < most_prefix_bytes; ++i) {
      if (static_cast<std::size_t>(i) == data.size()) return std::nullopt;
      const auto byte = static_cast<unsigned char>(data[static_cast<std::size_t>(i)]);
      if (i == most_prefix_bytes - 1 && byte > 7) break;
      size |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
      if ((byte & 0x80) == 0) {
        const auto prefix = static_cast<std::size_t>(i) + 1;
        if (data.size() - prefix < size) return std::nullopt;
        return frame{data.substr(prefix, size), prefix + size};
      }
    }
    refuse("Messages over 2GB in size are not supported.");
  }

  std::optional<hub_message> parse(std::string_view payload) const override {
    std::optional<hub_message> message(std::in_place);
    try {
      part_reader parts(payload);
      const auto type = parts.integer<std::int32_t>("messageType");
      if (type < 1 || type > 9) {
        message.reset();
        return message;
      }
      message->type = static_cast<message_type>(type);
      parse_parts(parts, *message);
      return message;
    } catch (const binding::binding_error&) {
      refuse("Reading the message failed.");
    }
  }

  void write(const hub_message& message, std::string& out) const override {
    // The length is not known before: in front there is room for the longest.
    const auto begin = out.size();
    out.append(most_prefix_bytes, '\0');
    write_body(message, out);
    auto size = out.size() - begin - most_prefix_bytes;
    std::array<char, most_prefix_bytes> prefix;
    std::size_t used = 0;
    for (; size > 0x7f; size >>= 7) prefix[used++] = static_cast<char>((size & 0x7f) | 0x80);
    prefix[used++] = static_cast<char>(size);
    out.replace(begin, most_prefix_bytes, prefix.data(), used);
  }
};

}  // namespace

const hub_protocol& messagepack_protocol() noexcept {
  static const messagepack_hub_protocol instance;
  return instance;
}

}  // namespace saker::signalr
