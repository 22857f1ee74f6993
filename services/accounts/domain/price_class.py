"""What a home is used for. Which price a class pays is a matter of the policy (parameter `price_classes`)."""

from __future__ import annotations

PRICE_CLASSES: dict[str, str] = {
    "residential": "居民",
    "nonresidential": "非居民",
    "garage": "车库",
    "school": "学校",
    "kindergarten": "幼儿园",
    "nursing_home": "养老院",
    "property_office": "物业用房",
    "community_office": "社区用房",
}
"""Code → the word that ledgers and letters use (用热性质)."""
