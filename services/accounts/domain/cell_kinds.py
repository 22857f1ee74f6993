"""What the cells of a list hold. An amount is whole fen, a number a decimal, a season its first year."""

TEXT, AMOUNT, NUMBER, WHOLE, DAY, INSTANT, SEASON, FLAG = (
    "text", "amount", "number", "whole", "day", "instant", "season", "flag",
)  # fmt: skip
