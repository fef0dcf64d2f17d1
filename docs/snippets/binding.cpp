#include <saker/binding.hpp>

#include <cstdint>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace shop {

enum class side { buy, sell };
SAKER_ENUM(side, buy, sell)

struct line {
  std::string name;
  std::uint8_t count = 1;
};
SAKER_FIELDS(line, name, count)

struct order {
  int id = 0;
  double unit_price = 0;
  shop::side side = shop::side::buy;
  std::optional<std::vector<line>> lines;
  std::map<int, std::string> notes;
};
SAKER_FIELDS(order, id, unit_price, side, lines, notes)

}  // namespace shop

int main() {
  const shop::order one{5, 2.5, shop::side::sell, {{shop::line{"bolt", 3}}}, {{1, "soon"}}};
  // {"id":5,"unitPrice":2.5,"side":1,"lines":[{"name":"bolt","count":3}],"notes":{"1":"soon"}}
  std::cout << saker::binding::to_json_text(one) << '\n';
  try {
    saker::binding::from_json_text<shop::order>(R"({"id":4294967297})");
  } catch (const saker::binding::binding_error& error) {
    std::cout << error.what() << '\n';  // The value is not an integer that fits.
  }
}
