package dev.shoestring.text.jinja;

import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Arithmetic and comparisons: as in Python. */
final class Operators {
    private static final int MOST_ITEMS = 1_000_000;

    private Operators() {}

    static Object apply(String operator, Object left, Object right, Budget budget, String source) {
        if (operator.equals("~")) {
            String first = Values.string(left, budget);
            String second = Values.string(right, budget);
            budget.characters((long) first.length() + second.length());
            return first + second;
        }
        if (operator.equals("+") && left instanceof String first && right instanceof String second) {
            budget.characters((long) first.length() + second.length());
            return first + second;
        }
        if (operator.equals("+") && left instanceof List<?> first && right instanceof List<?> second) {
            budget.steps(first.size() + second.size());
            List<Object> both = new ArrayList<>(first);
            both.addAll(second);
            return both;
        }
        if (operator.equals("*") && left instanceof String text && right instanceof Long times) {
            return repeated(text, times, budget);
        }
        if (operator.equals("*") && left instanceof Long times && right instanceof String text) {
            return repeated(text, times, budget);
        }
        Object first = left instanceof Boolean flag ? (Object) (flag ? 1L : 0L) : left;
        Object second = right instanceof Boolean flag ? (Object) (flag ? 1L : 0L) : right;
        if (first instanceof Number a && second instanceof Number b) {
            try {
                return arithmetic(operator, a, b);
            } catch (ArithmeticException wrong) {
                throw new InputException(source + ": " + a + " " + operator + " " + b + " cannot be computed", wrong);
            }
        }
        throw new InputException(
                source + ": " + operator + " does not take " + Values.kind(left) + " and " + Values.kind(right));
    }

    private static String repeated(String text, long times, Budget budget) {
        long count = Math.max(0, Math.min(times, Integer.MAX_VALUE));
        budget.characters(text.length() * count);
        return text.repeat((int) count);
    }

    private static Object arithmetic(String operator, Number left, Number right) {
        if (left instanceof Long a && right instanceof Long b) {
            return switch (operator) {
                case "+" -> Math.addExact(a, b);
                case "-" -> Math.subtractExact(a, b);
                case "*" -> Math.multiplyExact(a, b);
                case "//" -> Math.floorDiv(a, b);
                case "%" -> Math.floorMod(a, b);
                case "**" -> power(a, b);
                default -> quotient(a, b);
            };
        }
        double a = left.doubleValue();
        double b = right.doubleValue();
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "//" -> Math.floor(quotient(a, b));
            case "%" -> a - b * Math.floor(quotient(a, b));
            case "**" -> Math.pow(a, b);
            default -> quotient(a, b);
        };
    }

    private static double quotient(double a, double b) {
        if (b == 0) {
            throw new ArithmeticException("division by zero");
        }
        return a / b;
    }

    private static Object power(long base, long exponent) {
        if (exponent < 0) {
            return Math.pow((double) base, (double) exponent);
        }
        long result = 1;
        for (long i = 0; i < exponent && result != 0 && (base != 1); i++) {
            result = Math.multiplyExact(result, base);
            if (base == -1 && i > 2) {
                return exponent % 2 == 0 ? 1L : -1L;
            }
        }
        return result;
    }

    static boolean compare(String operator, Object left, Object right, Budget budget, String source) {
        return switch (operator) {
            case "==" -> equal(left, right, budget);
            case "!=" -> !equal(left, right, budget);
            case "in" -> contains(right, left, budget, source);
            case "not in" -> !contains(right, left, budget, source);
            default -> {
                int order = order(left, right, source);
                yield switch (operator) {
                    case "<" -> order < 0;
                    case "<=" -> order <= 0;
                    case ">" -> order > 0;
                    default -> order >= 0;
                };
            }
        };
    }

    static boolean equal(Object left, Object right, Budget budget) {
        budget.step();
        if (left instanceof String first && right instanceof String second) {
            budget.steps(Math.min(first.length(), second.length()) >> 6);
            return first.equals(second);
        }
        Object first = left instanceof Boolean flag ? (Object) (flag ? 1L : 0L) : left;
        Object second = right instanceof Boolean flag ? (Object) (flag ? 1L : 0L) : right;
        if (first instanceof Long a && second instanceof Long b) {
            return a.equals(b);
        }
        if (first instanceof Number a && second instanceof Number b) {
            return a.doubleValue() == b.doubleValue();
        }
        if (left instanceof List<?> a && right instanceof List<?> b) {
            if (a.size() != b.size()) {
                return false;
            }
            Iterator<?> others = b.iterator();
            for (Object item : a) {
                if (!equal(item, others.next(), budget)) {
                    return false;
                }
            }
            return true;
        }
        if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
            if (a.size() != b.size()) {
                return false;
            }
            for (Map.Entry<?, ?> entry : a.entrySet()) {
                Object other = b.get(entry.getKey());
                if (other == null || !equal(entry.getValue(), other, budget)) {
                    return false;
                }
            }
            return true;
        }
        return left == right;
    }

    static boolean contains(Object whole, Object part, Budget budget, String source) {
        if (whole instanceof String text) {
            if (!(part instanceof String sought)) {
                throw new InputException(source + ": looks for " + Values.kind(part) + " in a string");
            }
            budget.steps(text.length() >> 4);
            return text.contains(sought);
        }
        if (whole instanceof Map<?, ?> map) {
            return map.containsKey(Values.key(part, source));
        }
        List<Object> items = Values.iterate(whole, source);
        if (items.size() > MOST_ITEMS) {
            throw new InputException(source + ": looks through more than " + MOST_ITEMS + " items");
        }
        for (Object item : items) {
            if (equal(item, part, budget)) {
                return true;
            }
        }
        return false;
    }

    private static int order(Object left, Object right, String source) {
        if (left instanceof String first && right instanceof String second) {
            return first.compareTo(second);
        }
        if (left instanceof Long first && right instanceof Long second) {
            return first.compareTo(second);
        }
        if (left instanceof Number first && right instanceof Number second) {
            return Double.compare(first.doubleValue(), second.doubleValue());
        }
        throw new InputException(
                source + ": compares " + Values.kind(left) + " with " + Values.kind(right) + " by size");
    }
}
