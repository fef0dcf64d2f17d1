#include <saker/binding/encoding.hpp>

namespace saker::binding {
namespace {

void read_texts(value_reader& in) {
  switch (in.peek()) {
    case value_kind::string: in.string(); break;
    case value_kind::array:
      for (in.begin_array(); in.next_element();) read_texts(in);
      break;
    case value_kind::object:
      for (in.begin_object(); in.next_member();) {
        // Others are values of MessagePack like any.
        if (in.peek() == value_kind::string) {
          in.key();
        } else {
          read_texts(in);
        }
        read_texts(in);
      }
      break;
    default: in.skip();
  }
}

}  // namespace

bool has_only_text(std::string_view bytes, value_format format) {
  any_reader reader(bytes, format);
  try {
    read_texts(*reader);
  } catch (const malformed_error&) {
    throw;
  } catch (const binding_error&) {
    return false;
  }
  return true;
}

}  // namespace saker::binding
