#include <saker/binding/document.hpp>

#include <saker/binding/messagepack_format.hpp>

#include "binding/base64.hpp"

namespace saker::binding {
namespace {

std::span<const std::byte> bytes_in(const json::binary_t& value) noexcept {
  return std::as_bytes(std::span(static_cast<const json::binary_t::container_type&>(value)));
}

json::binary_t::container_type binary_of(std::string_view data) {
  return {data.begin(), data.end()};
}

/// A timestamp as it is in MessagePack, read as that.
std::optional<timestamp> timestamp_in(const json::binary_t& value) {
  std::string text;
  messagepack_writer(text).extension(-1, bytes_in(value));
  try {
    return messagepack_reader(text).time();
  } catch (const binding_error&) {
    return std::nullopt;
  }
}

void write_binary(value_writer& out, const json::binary_t& value) {
  if (!value.has_subtype()) {
    out.bytes(bytes_in(value));
    return;
  }
  if (value.subtype() == timestamp_subtype) {
    if (const auto time = timestamp_in(value)) {
      out.time(*time);
      return;
    }
  }
  out.extension(static_cast<std::int8_t>(value.subtype()), bytes_in(value));
}

}  // namespace

void write_document(value_writer& out, const json& value) {
  switch (value.type()) {
    case json::value_t::null:
    case json::value_t::discarded: out.null(); break;
    case json::value_t::boolean: out.boolean(value.get<bool>()); break;
    case json::value_t::number_integer: out.integer(value.get<std::int64_t>()); break;
    case json::value_t::number_unsigned: out.unsigned_integer(value.get<std::uint64_t>()); break;
    case json::value_t::number_float: out.number(value.get<double>()); break;
    case json::value_t::string: out.string(value.get_ref<const std::string&>()); break;
    case json::value_t::binary: write_binary(out, value.get_binary()); break;
    case json::value_t::array:
      out.begin_array(value.size());
      for (const auto& each : value.get_ref<const json::array_t&>()) write_document(out, each);
      out.end_array();
      break;
    case json::value_t::object:
      out.begin_object(value.size());
      for (const auto& [name, each] : value.get_ref<const json::object_t&>()) {
        out.key(name);
        write_document(out, each);
      }
      out.end_object();
      break;
  }
}

json read_document(value_reader& in) {
  switch (in.peek()) {
    case value_kind::null: in.null(); return nullptr;
    case value_kind::boolean: return in.boolean();
    case value_kind::number:
      return std::visit([](auto number) { return json(number); }, in.any_number());
    case value_kind::string: return in.string();
    case value_kind::bytes: return to_document(in.bytes());
    case value_kind::extension: {
      const auto read = in.extension();
      return json::binary(binary_of(read.data), static_cast<std::uint8_t>(read.type));
    }
    case value_kind::array: {
      json::array_t array;
      for (in.begin_array(); in.next_element();) array.push_back(read_document(in));
      return array;
    }
    case value_kind::object: break;
  }
  json::object_t object;
  for (in.begin_object(); in.next_member();) {
    std::string name(in.key());
    object.insert_or_assign(std::move(name), read_document(in));
  }
  return object;
}

json to_document(const timestamp& time) {
  std::string text;
  messagepack_writer(text).time(time);
  const auto read = messagepack_reader(text).extension();
  return json::binary(binary_of(read.data), timestamp_subtype);
}

json to_document(std::span<const std::byte> bytes) {
  const auto* const begin = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return json::binary(std::vector<std::uint8_t>(begin, begin + bytes.size()));
}

std::optional<timestamp> timestamp_of(const json& value) {
  if (value.is_string()) {
    const auto read = from_iso_text(value.get_ref<const std::string&>());
    return read ? std::optional(read->time) : std::nullopt;
  }
  if (!value.is_binary() || !value.get_binary().has_subtype() ||
      value.get_binary().subtype() != timestamp_subtype) {
    return std::nullopt;
  }
  return timestamp_in(value.get_binary());
}

std::optional<std::vector<std::byte>> bytes_of(const json& value) {
  if (value.is_string()) return from_base64(value.get_ref<const std::string&>());
  if (!value.is_binary() || value.get_binary().has_subtype()) return std::nullopt;
  const auto bytes = bytes_in(value.get_binary());
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

}  // namespace saker::binding
