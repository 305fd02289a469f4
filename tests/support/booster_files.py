"""Models of XGBoost 3.2 and LightGBM 4.7 in own formats: one tree, whose border is 0 of feature a."""

from __future__ import annotations

import json

_TREE = {
    "base_weights": [-0.0909, -0.504, 0.4956],
    "categories": [],
    "categories_nodes": [],
    "categories_segments": [],
    "categories_sizes": [],
    "default_left": [0, 0, 0],
    "id": 0,
    "left_children": [1, -1, -1],
    "loss_changes": [33.24, 0.0, 0.0],
    "parents": [2147483647, 0, 0],
    "right_children": [2, -1, -1],
    "split_conditions": [0.0, -0.5, 0.5],
    "split_indices": [0, 0, 0],
    "split_type": [0, 0, 0],
    "sum_hessian": [10.0, 5.25, 4.75],
    "tree_param": {"num_deleted": "0", "num_feature": "2", "num_nodes": "3", "size_leaf_vector": "1"},
}

XGBOOST = json.dumps(
    {
        "learner": {
            "attributes": {},
            "feature_names": ["a", "b"],
            "feature_types": [],
            "gradient_booster": {
                "model": {
                    "cats": {"enc": [], "feature_segments": [], "sorted_idx": []},
                    "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": "1"},
                    "iteration_indptr": [0, 1],
                    "tree_info": [0],
                    "trees": [_TREE],
                },
                "name": "gbtree",
            },
            "learner_model_param": {
                "base_score": "[5E-1]",
                "boost_from_average": "0",
                "num_class": "0",
                "num_feature": "2",
                "num_target": "1",
            },
            "objective": {"name": "binary:logistic", "reg_loss_param": {"scale_pos_weight": "1"}},
        },
        "version": [3, 2, 0],
    }
)
"""Its leaves give the log odds -0.5 and 0.5."""

LIGHTGBM = """tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:1
feature_names=a b
feature_infos=[-1:0.95] none
tree_sizes=347

Tree=0
num_leaves=2
num_cat=0
split_feature=0
split_gain=40
threshold=1.0000000180025095e-35
decision_type=2
left_child=-1
right_child=-2
leaf_value=-0.5000000000000000 0.50000000000000000
leaf_weight=5.2368750125169754 4.7381250113248825
leaf_count=21 19
internal_value=-0.100083
internal_weight=9.975
internal_count=40
is_linear=0
shrinkage=1


end of trees
"""
"""Its leaves give the log odds -0.5 and 0.5."""
